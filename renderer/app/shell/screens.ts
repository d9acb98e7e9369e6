import { lazy } from 'react'

/*
 * The screens that are not seen first. Each comes in a file of its own, so that the queue is painted before the viewers of the batch
 * screen have even been read; right after that they are fetched, so that opening one never waits.
 */

const batch = () => import('../../features/batch/batch-screen.tsx')
const audit = () => import('../../features/audit/audit-screen.tsx')
const reports = () => import('../../features/reports/reports-screen.tsx')
const settings = () => import('../../features/settings/settings-screen.tsx')
const syncCenter = () => import('../../features/sync-center/sync-center-screen.tsx')
const handover = () => import('../../features/handover/handover-actions.tsx')

export const BatchScreen = lazy(() => batch().then((module) => ({ default: module.BatchScreen })))
export const AuditScreen = lazy(() => audit().then((module) => ({ default: module.AuditScreen })))
export const ReportsScreen = lazy(() => reports().then((module) => ({ default: module.ReportsScreen })))
export const SettingsScreen = lazy(() => settings().then((module) => ({ default: module.SettingsScreen })))
export const SyncCenterScreen = lazy(() => syncCenter().then((module) => ({ default: module.SyncCenterScreen })))
export const HandoverActions = lazy(() => handover().then((module) => ({ default: module.HandoverActions })))
export const SubmitDialog = lazy(() => handover().then((module) => ({ default: module.SubmitDialog })))

/** Fetches every screen when the window has nothing else to do. */
export function fetchScreens(): void {
  requestIdleCallback(() => {
    for (const fetchScreen of [batch, syncCenter, audit, reports, settings, handover]) void fetchScreen()
  })
}
