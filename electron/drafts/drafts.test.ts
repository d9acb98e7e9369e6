import { afterEach, beforeEach, expect, test } from 'vitest'
import { openTestWorkspace, people, type TestWorkspace } from '../database/testing.ts'
import { getDraft, setDraft } from './drafts.ts'
import { defaultSettings, getSettings, setSettings } from './settings.ts'

let workspace: TestWorkspace
beforeEach(() => {
  workspace = openTestWorkspace()
})
afterEach(() => workspace.dispose())

test('a draft is kept, replaced and forgotten', () => {
  const context = workspace.as(people.desk)
  expect(getDraft(context, { key: 'finding' })).toEqual({ ok: true, value: { body: null } })
  expect(setDraft(context, { key: 'finding', body: 'The ti' })).toEqual({
    ok: true,
    value: { savedAt: '2026-11-20T09:00:00.000Z' },
  })
  setDraft(context, { key: 'finding', body: 'The ticket' })
  expect(getDraft(context, { key: 'finding' })).toEqual({ ok: true, value: { body: 'The ticket' } })
  setDraft(context, { key: 'finding', body: null })
  expect(getDraft(context, { key: 'finding' })).toEqual({ ok: true, value: { body: null } })
})

test('settings have their defaults until they are set', () => {
  const context = workspace.as(people.desk)
  expect(getSettings(context)).toEqual({ ok: true, value: defaultSettings })
  const mine = { ...defaultSettings, theme: 'dark', holdSeconds: 0 } as const
  expect(setSettings(context, mine)).toEqual({ ok: true, value: mine })
  expect(getSettings(context)).toEqual({ ok: true, value: mine })
})

test('a kept setting that this version does not know, or does not take, does no harm', () => {
  const put = (key: string, value: string) =>
    workspace.database.write((handle) => handle.prepare('insert or replace into setting values (?, ?)').run(key, value))
  put('color', '"red"')
  put('theme', '"dark"')
  expect(getSettings(workspace.as(people.desk))).toEqual({ ok: true, value: { ...defaultSettings, theme: 'dark' } })
  put('holdSeconds', '-5')
  expect(getSettings(workspace.as(people.desk))).toEqual({ ok: true, value: defaultSettings })
})
