import type * as Electron from 'electron'
import { refuseMissingMembers } from './unsupported.ts'
import { BrowserWindow } from './windows/browser-window.ts'

type Template = Electron.MenuItemConstructorOptions

/** Stands for Electron's `MenuItem`. */
export class MenuItem {
  readonly id: string
  readonly label: string
  readonly role: Template['role']
  readonly type: string
  readonly accelerator: string | undefined
  readonly submenu: Menu | undefined
  enabled: boolean
  visible: boolean
  checked: boolean
  readonly #onClick: Template['click']

  constructor(template: Template) {
    this.id = template.id ?? ''
    this.label = template.label ?? ''
    this.role = template.role
    this.type = template.type ?? (template.submenu ? 'submenu' : 'normal')
    this.accelerator = template.accelerator ?? undefined
    this.submenu = Array.isArray(template.submenu) ? Menu.buildFromTemplate(template.submenu) : undefined
    this.enabled = template.enabled ?? true
    this.visible = template.visible ?? true
    this.checked = template.checked ?? false
    this.#onClick = template.click
  }

  /** Does what a click on the item would do. */
  click(): void {
    const window = BrowserWindow.getFocusedWindow() ?? undefined
    this.#onClick?.(
      this as unknown as Electron.MenuItem,
      window as unknown as Electron.BaseWindow,
      {} as Electron.KeyboardEvent,
    )
  }
}
refuseMissingMembers('MenuItem', MenuItem)

let applicationMenu: Menu | null = null

/**
 * Stands for Electron's `Menu`. The host has no menu bar: an application menu is kept, and its items can be clicked from code,
 * but it is not seen and its accelerators do not work. A menu that should pop up throws.
 */
export class Menu {
  readonly items: MenuItem[] = []

  static buildFromTemplate(template: readonly (Template | Electron.MenuItem)[]): Menu {
    const menu = new Menu()
    for (const item of template) menu.append(new MenuItem(item as Template))
    return menu
  }

  static setApplicationMenu(menu: Menu | null): void {
    applicationMenu = menu
  }

  static getApplicationMenu(): Menu | null {
    return applicationMenu
  }

  append(item: MenuItem): void {
    this.items.push(item)
  }

  getMenuItemById(id: string): MenuItem | null {
    for (const item of this.items) {
      const found = item.id === id ? item : item.submenu?.getMenuItemById(id)
      if (found) return found
    }
    return null
  }
}
refuseMissingMembers('Menu', Menu)
