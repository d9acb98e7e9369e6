/** The little of Deno that the entries of the edge functions use; the handlers use the web platform alone. */
declare const Deno: {
  serve(handler: (request: Request) => Response | Promise<Response>): unknown
  readonly env: { toObject(): Record<string, string> }
  resolveDns(name: string, type: 'A' | 'AAAA'): Promise<string[]>
}
