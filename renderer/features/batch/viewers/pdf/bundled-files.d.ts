/** Address of a file of the bundle (Vite). */
declare module '*?url' {
  const address: string
  export default address
}

interface ImportMeta {
  /** Vite: addresses of the files that match, by path; written into the bundle when it is built. */
  readonly glob: (
    pattern: string,
    options: {
      readonly query: '?url'
      readonly import: 'default'
      readonly eager: true
      readonly exhaustive: true
    },
  ) => Readonly<Record<string, string>>
}
