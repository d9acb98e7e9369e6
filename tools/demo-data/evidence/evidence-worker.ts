import { parentPort } from 'node:worker_threads'
import { makeEvidence } from './make-evidence.ts'
import type { EvidenceRecipe } from './recipes.ts'

// A thread that makes one file per message.
parentPort?.on('message', async (recipe: EvidenceRecipe) => {
  const bytes = await makeEvidence(recipe)
  parentPort?.postMessage(Uint8Array.from(bytes))
})
