const begun = performance.now()
let checks = 0

/** Begins a part of the transcript. */
export const section = (title: string, explanation: string): void => console.log(`\n${title}: ${explanation}`)

/** One step, or what came of it; long lines are cut. */
export const note = (text: string): void => console.log(text.replace(/^/gm, '    ').replace(/^(.{160}).+$/gm, '$1 …'))

/** Something is as it should be. */
export function passed(what: string): void {
  checks++
  console.log(`  ✓ ${what}`)
}

/** The last line of a run where nothing failed. */
export const summary = (): void => console.log(`\nAll ${checks} steps passed in ${seconds()} s.`)

/** The last lines of a run that failed. */
export const failed = (error: unknown): void => console.error(`\n  ✗ after ${checks} steps and ${seconds()} s:`, error)

const seconds = (): string => ((performance.now() - begun) / 1000).toFixed(1)

/** One HTTP call; `session` is the value of the cookie. */
export interface CallSettings {
  apiKey?: string
  session?: string
  accept?: string
  body?: unknown
}

/**
 * Makes a call and shows it with its answer. The fields of a JSON answer come back together with
 * `text`, the whole body, and `cookie`, what the answer sets.
 *
 * @throws when the status is not 2xx.
 */
export async function call<T extends object = Record<string, unknown>>(
  url: string,
  method: string,
  path: string,
  { apiKey, session, accept = 'application/json', body }: CallSettings = {},
): Promise<T & { text: string; cookie: string }> {
  const headers = new Headers({ accept })
  if (apiKey) headers.set('authorization', `Bearer ${apiKey}`)
  if (session) headers.set('cookie', `agentbot-session=${session}`)
  if (body !== undefined) headers.set('content-type', 'application/json')
  note(`${method} ${path}${body === undefined ? '' : `  ${JSON.stringify(body)}`}`)
  const response = await fetch(url + path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
  const text = await response.text()
  note(`${response.status} ${text.trim().replaceAll('\ndata: ', ' ').replaceAll('\n\n', '\n')}`)
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`)
  const fields = accept === 'application/json' ? (JSON.parse(text) as T) : ({} as T)
  return { ...fields, text, cookie: response.headers.get('set-cookie') ?? '' }
}
