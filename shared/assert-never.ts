/** Ends a switch over a union: a new member that is not handled is a compile error here, and a thrown error at run time. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected value: ${JSON.stringify(value)}`)
}
