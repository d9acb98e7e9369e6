import type { ChannelName, EventName } from '../../shared/contract/channel-names.ts'
import type { Result } from '../../shared/result.ts'

/** What the worker offers the main process. */
export type WorkerServices = {
  /** One call of the window, parsed and checked. */
  readonly channel: (input: { readonly channel: ChannelName; readonly input: unknown }) => Promise<Result<unknown>>
  /** Facts of a file that was opened for a viewer; null when the token is not known. */
  readonly describeFile: (input: { readonly token: string }) => Promise<OpenFile | null>
  /** Bytes `start` up to but not including `end` of such a file; null when it cannot be read any more. */
  readonly readFile: (input: {
    readonly token: string
    readonly start: number
    readonly end: number
  }) => Promise<Uint8Array | null>
  /** This computer woke from sleep: what is under way over the network is begun again. */
  readonly woke: (input: null) => Promise<null>
  /** Ends sync, closes the database. The thread may be stopped afterwards. */
  readonly shutdown: (input: null) => Promise<null>
}

/** A file that a viewer may read. */
export interface OpenFile {
  readonly byteSize: number
  readonly mediaType: string
  readonly fileName: string
}

/** What the main process offers the worker: what only the process that owns windows and the keychain can do. */
export type MainServices = {
  readonly secretAvailable: (input: null) => Promise<boolean>
  readonly encryptSecret: (input: { readonly text: string }) => Promise<Uint8Array>
  readonly decryptSecret: (input: { readonly bytes: Uint8Array }) => Promise<string>
  /** The proxy that the system names for an address, in the words of a PAC file; `DIRECT` for none. */
  readonly resolveProxy: (input: { readonly url: string }) => Promise<string>
  /** Asks the person where to save; null when the person cancels. */
  readonly chooseSavePath: (input: { readonly fileName: string; readonly title: string }) => Promise<string | null>
  /** Applies the theme to native surfaces. */
  readonly applyTheme: (input: { readonly theme: 'system' | 'light' | 'dark' }) => Promise<null>
  /** Tells the window that something happened. */
  readonly announce: (input: { readonly event: EventName; readonly payload: unknown }) => Promise<null>
}

/** What the worker needs to know when it starts. */
export interface WorkerData {
  readonly userDataDirectory: string
  readonly resourcesDirectory: string
  readonly hostileChildPath: string
  readonly appVersion: string
  readonly host: string
  readonly environment: Readonly<Record<string, string>>
}
