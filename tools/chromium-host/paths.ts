import { homedir, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** Folders a program asks for by name. */
export class Paths {
  readonly #set = new Map<string, string>()
  readonly #environment: Readonly<Record<string, string | undefined>>

  constructor(environment: Readonly<Record<string, string | undefined>>) {
    this.#environment = environment
  }

  /** @throws Error for a name Electron has no folder for. */
  get(name: string, programName: string): string {
    const given = this.#set.get(name)
    if (given !== undefined) return given
    const home = homedir()
    const settings = this.#environment.XDG_CONFIG_HOME ?? join(home, '.config')
    const userData = this.#set.get('userData') ?? join(settings, programName)
    const folders: Readonly<Record<string, string>> = {
      home,
      appData: settings,
      userData,
      sessionData: userData,
      temp: tmpdir(),
      exe: process.execPath,
      logs: join(userData, 'logs'),
      crashDumps: join(userData, 'Crashpad'),
      desktop: join(home, 'Desktop'),
      documents: join(home, 'Documents'),
      downloads: join(home, 'Downloads'),
      music: join(home, 'Music'),
      pictures: join(home, 'Pictures'),
      videos: join(home, 'Videos'),
    }
    const folder = folders[name]
    if (folder === undefined) throw new Error(`Failed to get '${name}' path`)
    return folder
  }

  set(name: string, path: string): void {
    this.#set.set(name, resolve(path))
  }
}
