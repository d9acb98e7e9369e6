import { type AppError, fail } from '../../../shared/result.ts'

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown'

/** True for the error of a file that is not there. */
export const isMissing = (error: unknown): boolean => codeOf(error) === 'ENOENT'

/** The failure of an operation on the disk, by the system's error code. */
export function diskError(error: unknown): AppError {
  const code = codeOf(error)
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return fail(
      'disk_full',
      'The disk of this computer is full.',
      'Free some space; the transfer goes on where it stopped.',
      {
        system: code,
      },
    ).error
  if (code === 'ENOENT')
    return fail('file_missing', 'The file is not on this computer.', 'It is fetched when the cloud can be reached.')
      .error
  return fail(
    'file_unreadable',
    'The disk of this computer did not do as told.',
    'Check that the folder of the program can be written; if so, check the disk.',
    { system: code },
  ).error
}
