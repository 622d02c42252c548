import type { Download } from '#server/platform/operations/index.ts'
import { DOWNLOAD_POLICY } from './security-headers.ts'

/** Answers with a file, to be saved and not shown: whole, or the part that was asked for, or that it is still the same. */
export async function sendFile(request: Request, file: Download, headers: Headers): Promise<Response> {
  const { size, etag } = file
  headers.set('cache-control', 'private, no-cache')
  if (etag !== undefined) {
    headers.set('etag', etag)
    if (isKnown(request.headers.get('if-none-match'), etag)) return new Response(null, { status: 304, headers })
  }
  headers.set('content-type', file.type)
  headers.set('content-disposition', `attachment; filename="${file.name}"`)
  headers.set('x-content-type-options', 'nosniff')
  headers.set('content-security-policy', DOWNLOAD_POLICY)
  if (size === undefined) return new Response(request.method === 'HEAD' ? null : await file.open(), { headers })

  headers.set('accept-ranges', 'bytes')
  const range = readRange(request, size, etag)
  if (range === 'unsatisfiable') {
    headers.set('content-range', `bytes */${size}`)
    return new Response(null, { status: 416, headers })
  }
  headers.set('content-length', String(range ? range.end - range.start + 1 : size))
  if (range) headers.set('content-range', `bytes ${range.start}-${range.end}/${size}`)
  const body = request.method === 'HEAD' || size === 0 ? null : await file.open(range)
  return new Response(body, { status: range ? 206 : 200, headers })
}

/** Whether the caller has that version already; `*` stands for any (RFC 9110, section 13.1.2). */
const isKnown = (known: string | null, etag: string): boolean => known?.trim() === '*' || (known?.includes(etag) ?? false)

/** One range of bytes, as in `bytes=0-99`, `bytes=100-` or `bytes=-50`. Anything else means the whole file, and so does any for HEAD (section 14.2). */
function readRange(
  { headers, method }: Request,
  size: number,
  etag: string | undefined,
): { start: number; end: number } | 'unsatisfiable' | undefined {
  if (method !== 'GET') return undefined
  const condition = headers.get('if-range')
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(headers.get('range') ?? '') ?? []
  if ((condition !== null && condition !== etag) || first === undefined || last === undefined || first + last === '') return undefined
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1)
  return start <= end ? { start, end } : 'unsatisfiable'
}
