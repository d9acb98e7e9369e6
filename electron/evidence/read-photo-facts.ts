import type { PhotoFacts } from '../../shared/contract/views.ts'
import { distanceMeters } from '../../shared/domain/distance.ts'
import type { EvidenceFile } from '../../shared/domain/evidence.ts'
import { fail, ok, type Result } from '../../shared/result.ts'
import type { CaseContext } from '../database/case-context.ts'
import type { HostileReader } from '../platform/hostile/hostile-reader.ts'
import type { EvidenceSource } from './evidence-source.ts'
import { findEvidenceFile } from './find-evidence-file.ts'

function sitePosition(context: CaseContext, file: EvidenceFile): { latitude: number; longitude: number } | null {
  const { build, read } = context.database
  const site = read.first(
    build
      .selectFrom('batch')
      .innerJoin('project', 'project.id', 'batch.project_id')
      .select(['project.latitude', 'project.longitude'])
      .where('batch.id', '=', file.batchId),
  )
  return site === undefined || site.latitude === null || site.longitude === null
    ? null
    : { latitude: site.latitude, longitude: site.longitude }
}

/** What a photo claims about its time and place, and how far that place is from the project's site. Read in a child process. */
export async function readPhotoFacts(
  context: CaseContext,
  source: EvidenceSource,
  reader: HostileReader,
  input: { readonly evidenceFileId: string },
): Promise<Result<PhotoFacts>> {
  const found = findEvidenceFile(context, input.evidenceFileId)
  if (!found.ok) return found
  const bytes = await source.read(found.value.sha256)
  if (!bytes.ok) return bytes
  const photo = await reader({ kind: 'photo' }, bytes.value)
  if (!photo.ok) return photo
  if (photo.value.kind !== 'photo')
    return fail('file_unreadable', 'This file is not a photo.', 'Save it and look at it elsewhere.')
  const { width, height, takenAt, latitude, longitude, camera } = photo.value
  const site = sitePosition(context, found.value)
  return ok({
    width,
    height,
    claimedTakenAt: takenAt,
    claimedLatitude: latitude,
    claimedLongitude: longitude,
    distanceToSiteMeters:
      site === null || latitude === null || longitude === null
        ? null
        : Math.round(distanceMeters(site, { latitude, longitude })),
    camera,
  })
}
