import { describeSchedules } from './testing.ts'

describeSchedules(1)
