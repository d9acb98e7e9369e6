import { sha256Hex } from '../../platform/identifiers.ts'
import type { TestDevice } from './device.ts'

/** Keeps a file on a device that waits to be sent, as signing a certificate leaves it. */
export async function keepUpload(
  device: TestDevice,
  place: { readonly bucket: string; readonly objectPath: string },
  contents: Uint8Array,
): Promise<void> {
  await device.vault.put(contents)
  const { build } = device.database()
  device.database().write((handle) =>
    handle.run(
      build.insertInto('upload').values({
        mutation_id: 'made here',
        sha256: sha256Hex(contents),
        bucket: place.bucket,
        object_path: place.objectPath,
        media_type: 'application/pdf',
        byte_size: contents.length,
        state: 'ready',
        next_attempt_at: null,
        last_error: null,
        done_at: null,
      }),
    ),
  )
}
