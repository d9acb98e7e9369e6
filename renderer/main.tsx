import './ui/fonts.css'
import './ui/tokens.css'
import './ui/reset.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/app.tsx'
import { askAhead } from './app/ask-ahead.ts'
import { makeQueryClient } from './app/query-client.ts'
import { applyTheme } from './app/theme.ts'

applyTheme('system')

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no element with the id "root"')
const client = makeQueryClient()
await askAhead(client)
createRoot(root).render(
  <StrictMode>
    <App client={client} />
  </StrictMode>,
)
