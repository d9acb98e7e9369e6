import { MessageChannel } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { connectPort, type PortRpc } from './port-rpc.ts'

type Arithmetic = {
  readonly double: (input: number) => Promise<number>
  readonly slow: (input: number) => Promise<number>
  readonly broken: (input: null) => Promise<never>
  readonly bytes: (input: number) => Promise<Uint8Array>
}
type Naming = { readonly name: (input: null) => Promise<string> }

const { port1, port2 } = new MessageChannel()
const left: PortRpc<Arithmetic> = connectPort<Naming, Arithmetic>(port1, { name: async () => 'left' })
const right: PortRpc<Naming> = connectPort<Arithmetic, Naming>(port2, {
  double: async (input) => input * 2,
  slow: (input) => new Promise((resolve) => setTimeout(() => resolve(input), 50)),
  broken: async () => {
    throw new Error('a defect')
  },
  bytes: async (length) => new Uint8Array(length).fill(7),
})

test('both sides call each other', async () => {
  expect(await left.call('double', 21)).toBe(42)
  expect(await right.call('name', null)).toBe('left')
})

test('answers come back to their own call, in any order', async () => {
  expect(await Promise.all([left.call('slow', 1), left.call('double', 1), left.call('slow', 3)])).toEqual([1, 2, 3])
})

test('a service that throws rejects the call with its message', async () => {
  await expect(left.call('broken', null)).rejects.toThrow('a defect')
})

test('bytes are moved across', async () => {
  expect((await left.call('bytes', 3)).join()).toBe('7,7,7')
})

test('a closed connection rejects what is open and what comes later', async () => {
  const pending = left.call('slow', 1)
  left.close('the worker ended')
  await expect(pending).rejects.toThrow('the worker ended')
  await expect(left.call('double', 1)).rejects.toThrow('the worker ended')
  port1.close()
})
