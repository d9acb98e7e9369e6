import type { IpcMain, IpcMainInvokeEvent } from 'electron'
import { beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { fail, ok } from '../../shared/result.ts'
import type { LogFields } from '../platform/log.ts'
import { type CallContext, ipcName, registerChannels } from './register-channels.ts'

type Handler = Parameters<IpcMain['handle']>[1]

const channels = {
  'batch.get': { request: z.strictObject({ batchId: z.guid(), rows: z.array(z.int()) }) } as {
    readonly request: z.ZodObject<{ batchId: z.ZodGUID; rows: z.ZodArray<z.ZodInt> }>
    readonly response?: string
  },
  'batch.break': { request: z.strictObject({}) } as { readonly request: z.ZodObject; readonly response?: null },
  'batch.refuse': { request: z.strictObject({}) } as { readonly request: z.ZodObject; readonly response?: null },
}

const registered = new Map<string, Handler>()
const logged: (LogFields & { readonly event: string })[] = []
let context: CallContext | undefined
beforeEach(() => {
  registered.clear()
  logged.length = 0
  const note = (event: string, fields?: LogFields) => void logged.push({ event, ...fields })
  registerChannels({
    ipcMain: { handle: (name, handler) => void registered.set(name, handler) },
    channels,
    handlers: {
      'batch.get': async ({ rows }, given) => {
        context = given
        return ok(`${rows.length} rows`)
      },
      'batch.break': async () => {
        throw new TypeError('cannot read secret.path')
      },
      'batch.refuse': async () => fail('blocked', 'An open finding blocks this.', 'Close it first.'),
    },
    trusted: { contentsId: () => 1, origins: ['app://bundle'] },
    log: { info: note, warn: note, error: note },
    contractVersion: 3,
  })
})

const call = (channel: string, version: unknown, input: unknown, url = 'app://bundle/index.html') => {
  const event = { sender: { id: 1 }, senderFrame: { url, parent: null } }
  return registered.get(ipcName(channel))?.(event as unknown as IpcMainInvokeEvent, version, input)
}
const batchId = '3f1f54c6-6b7a-4a53-8b4e-3a6a7a3b8d11'

test('every channel of the map is taken, and no other', () => {
  expect([...registered.keys()]).toEqual(['veridesk:batch.get', 'veridesk:batch.break', 'veridesk:batch.refuse'])
})

test('a call with good input reaches its handler with who called', async () => {
  expect(await call('batch.get', 3, { batchId, rows: [1, 2] })).toEqual({ ok: true, value: '2 rows' })
  expect(context).toEqual({ channel: 'batch.get', contentsId: 1 })
})

test('a refusal by the handler arrives as it is', async () => {
  expect(await call('batch.refuse', 3, {})).toEqual({
    ok: false,
    error: { code: 'blocked', message: 'An open finding blocks this.', action: 'Close it first.' },
  })
})

test('input that does not fit names the field and repeats none of the input', async () => {
  const answer = await call('batch.get', 3, { batchId, rows: [1, 'a private word'] })
  expect(answer).toMatchObject({ ok: false, error: { code: 'invalid_input', detail: { field: 'rows.1' } } })
  expect(JSON.stringify(answer)).not.toContain('private')
  expect(logged).toEqual([{ event: 'ipc.input-refused', channel: 'batch.get', field: 'rows.1' }])
})

test('no input, and a field that is not in the schema, are refused', async () => {
  const code = 'invalid_input'
  expect(await call('batch.get', 3, undefined)).toMatchObject({ error: { code } })
  expect(await call('batch.get', 3, { batchId, rows: [], extra: 1 })).toMatchObject({ error: { code } })
})

test('another page is refused before its input is looked at', async () => {
  expect(await call('batch.get', 3, { batchId, rows: [] }, 'https://example.com/')).toMatchObject({
    ok: false,
    error: { code: 'not_allowed' },
  })
  expect(logged).toEqual([{ event: 'ipc.sender-refused', channel: 'batch.get' }])
})

test('a window of another version is told to start again', async () => {
  expect(await call('batch.get', 2, { batchId, rows: [] })).toMatchObject({ ok: false, error: { code: 'internal' } })
  expect(logged).toMatchObject([{ event: 'ipc.version-differs', program: 3, window: '2' }])
})

test('a defect is logged in full and told in general', async () => {
  const answer = await call('batch.break', 3, {})
  expect(answer).toMatchObject({ ok: false, error: { code: 'internal', detail: { channel: 'batch.break' } } })
  expect(JSON.stringify(answer)).not.toContain('secret')
  expect(logged).toMatchObject([{ event: 'ipc.handler-failed', name: 'TypeError', message: 'cannot read secret.path' }])
})

test('a map with a channel that nobody handles is refused at once', () => {
  expect(() =>
    registerChannels({
      ipcMain: { handle: () => {} },
      channels,
      handlers: {} as never,
      trusted: { contentsId: () => 1, origins: [] },
      log: { info: () => {}, warn: () => {}, error: () => {} },
      contractVersion: 3,
    }),
  ).toThrow('The channel batch.get has no handler')
})
