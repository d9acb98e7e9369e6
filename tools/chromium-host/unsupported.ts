/** Asked by Node, inspectors and promise resolution of any object; absence is the right answer to these. */
const harmless = new Set([
  'then',
  'toJSON',
  'constructor',
  'inspect',
  'domain',
  'nodeType',
  'tagName',
  '$$typeof',
  'length',
])

/** The error for a part of Electron that this host does not have. */
export class NotImplementedError extends Error {
  constructor(what: string) {
    super(`Chromium host: ${what} is not implemented. Run on Electron's own binary, or add it to tools/chromium-host.`)
    this.name = 'NotImplementedError'
  }
}

const refuse = (name: string) => (target: object, key: string | symbol, receiver: unknown) => {
  if (Reflect.has(target, key)) return Reflect.get(target, key, receiver)
  if (typeof key === 'symbol' || key.startsWith('_') || harmless.has(key)) return undefined
  throw new NotImplementedError(`${name}.${key}`)
}

/** The same object; reading a member that it does not have throws `NotImplementedError` in place of giving undefined. */
export function refuseMissing<Target extends object>(name: string, target: Target): Target {
  const end = Object.create(Object.getPrototypeOf(target))
  Object.setPrototypeOf(target, new Proxy(end, { get: refuse(name) }))
  return target
}

/**
 * Makes a class refuse members that neither it nor its base class has, on instances and on the class itself.
 * The trap sits at the end of the prototype chain, so private fields and `instanceof` keep working.
 */
export function refuseMissingMembers(name: string, type: abstract new (...given: never[]) => object): void {
  refuseMissing(name, type.prototype)
  Object.setPrototypeOf(type, new Proxy(Object.getPrototypeOf(type), { get: refuse(name) }))
}

/** Stands where Electron exports a module that this host lacks: every use of it throws. */
export function missingModule(name: string): never {
  const fail = () => {
    throw new NotImplementedError(name)
  }
  return new Proxy(function missing() {}, {
    get: (_target, key) => (typeof key === 'symbol' || harmless.has(key) ? undefined : fail()),
    apply: fail,
    construct: fail,
    set: fail,
  }) as never
}
