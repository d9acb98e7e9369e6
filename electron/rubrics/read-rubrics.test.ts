import { afterEach, expect, test } from 'vitest'
import { fixture, insertInto, openTestWorkspace, type TestWorkspace } from '../database/testing.ts'
import { readRubricsInForce } from './read-rubrics.ts'

let workspace: TestWorkspace | null = null
afterEach(() => {
  workspace?.dispose()
  workspace = null
})

test('the highest revision of each standard is in force, whatever order they arrived in', () => {
  workspace = openTestWorkspace()
  const { database } = workspace
  database.write((handle) => {
    for (const revision of [3, 2]) {
      insertInto(handle, 'rubric', {
        id: `aprs-${revision}`,
        standard: 'APRS',
        revision,
        title: `Revision ${revision}`,
        criteria: '[]',
        published_at: '2026-11-01T00:00:00.000Z',
        version: 1,
        scopes: 1,
      })
    }
  })
  const rubrics = readRubricsInForce(database.read)
  expect(rubrics.get('APRS')).toMatchObject({ id: 'aprs-3', revision: 3, criteria: [] })
  expect(rubrics.get('PCX')).toMatchObject({ id: fixture.rubric('PCX'), revision: 1 })
  expect(rubrics.get('PCX')?.criteria.map(({ code }) => code)).toEqual(fixture.criteria)
})
