import { describe, expect, it } from 'vitest'
import { sampleCertificate } from './testing.ts'
import { conclusion, rubricName } from './wording.ts'

const say = (changes: Parameters<typeof sampleCertificate>[0]): string => conclusion(sampleCertificate(changes))

describe('the conclusion', () => {
  it('is positive for reasonable assurance', () => {
    const text = say({ assurance: 'reasonable' })
    expect(text).toContain('In our opinion')
    expect(text).toContain('is, in all material respects, fairly stated')
    expect(text).not.toContain('come to our attention')
  })

  it('is negative for limited assurance', () => {
    const text = say({ assurance: 'limited' })
    expect(text).toContain('nothing has come to our attention that causes us to believe')
    expect(text).toContain('is not, in all material respects, fairly stated')
    expect(text).not.toContain('In our opinion')
  })

  it.each(['reasonable', 'limited'] as const)('names its exception when it is qualified: %s', (assurance) => {
    expect(say({ opinion: 'qualified', assurance })).toContain(
      'except for the matter described under “Basis for the qualified opinion”',
    )
  })

  it.each(['reasonable', 'limited'] as const)(
    'says that the statement does not hold when it is adverse: %s',
    (assurance) => {
      const text = say({ opinion: 'adverse', assurance })
      expect(text).toContain('is not fairly stated')
      expect(text).not.toContain('in all material respects')
    },
  )

  it.each(['reasonable', 'limited'] as const)('gives no opinion when it is disclaimed: %s', (assurance) => {
    const text = say({ opinion: 'disclaimed', assurance })
    expect(text).toContain('we express no opinion')
    expect(text).not.toContain('In our opinion')
  })

  it('names only the credits that the standard gives', () => {
    const { batch } = sampleCertificate()
    expect(say({})).toContain('giving 1,245.50 plastic credits and 1,868.25 carbon credits')
    expect(say({ batch: { ...batch, carbonCredits: 0 } })).toContain('giving 1,245.50 plastic credits, is')
    expect(say({ batch: { ...batch, plasticCredits: 0, carbonCredits: 0 } })).not.toContain('giving')
  })

  it('names the rubric with its version', () => {
    const { criteria } = sampleCertificate()
    expect(rubricName({ criteria })).toBe('Veridesk default rubric v1')
    expect(rubricName({ criteria: { ...criteria, rubricVersion: 'v2' } })).toBe('Veridesk default rubric v2')
  })
})
