import './ui/fonts.css'
import './ui/tokens.css'
import './ui/reset.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/app.tsx'
import { askAhead } from './app/ask-ahead.ts'
import { followProgram } from './app/follow-program.ts'
import { makeQueryClient } from './app/query-client.ts'
import { applyTheme } from './app/theme.ts'

/** Answers that take longer are not waited for: the window is drawn and says that it is loading. */
const longestWaitMilliseconds = 300

applyTheme('system')

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no element with the id "root"')
const client = makeQueryClient()
followProgram(client)
await Promise.race([askAhead(client), new Promise((resolve) => setTimeout(resolve, longestWaitMilliseconds))])
createRoot(root).render(
  <StrictMode>
    <App client={client} />
  </StrictMode>,
)
