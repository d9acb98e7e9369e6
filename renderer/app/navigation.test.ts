import { describe, expect, it } from 'vitest'
import { goBack, goTo, readNavigation, startOfNavigation, writeNavigation } from './navigation.ts'

describe('navigation', () => {
  it('goes back the way it came', () => {
    const there = goTo(goTo(startOfNavigation, { screen: 'batch', batchId: 'b1' }), { screen: 'audit' })
    expect(goBack(there).place).toEqual({ screen: 'batch', batchId: 'b1' })
    expect(goBack(goBack(there)).place).toEqual({ screen: 'queue' })
  })

  it('ends at the queue however often one goes back', () => {
    expect(goBack(goBack(startOfNavigation)).place).toEqual({ screen: 'queue' })
  })

  it('leads to the batch that was open last', () => {
    const audit = goTo(goTo(startOfNavigation, { screen: 'batch', batchId: 'b1' }), { screen: 'audit' })
    expect(goTo(audit, { screen: 'batch', batchId: null }).place).toEqual({ screen: 'batch', batchId: 'b1' })
  })

  it('does not remember a step to where one already is', () => {
    expect(goTo(startOfNavigation, { screen: 'queue' })).toBe(startOfNavigation)
  })

  it('comes back to the same place after a restart', () => {
    const there = goTo(startOfNavigation, { screen: 'batch', batchId: 'b1' })
    expect(readNavigation(writeNavigation(there)).place).toEqual(there.place)
  })

  it('starts afresh when what was remembered cannot be read', () => {
    expect(readNavigation('{"screen":"nowhere"}')).toEqual(startOfNavigation)
    expect(readNavigation('not json')).toEqual(startOfNavigation)
    expect(readNavigation(null)).toEqual(startOfNavigation)
  })
})
