export type { AnswerKey, PlantedDefect } from './answer-key.ts'
export {
  DEMO_PASSWORD,
  type DemoPerson,
  type DemoPersonKind,
  demoPeople,
  demoPeopleOfKind,
  demoPeopleWithoutAccess,
} from './people.ts'
export { AlreadySeededError, type DemoDataOptions, seedDemoData } from './seed-demo-data.ts'
