import { existsSync } from 'node:fs'
import { areas, layers } from './structure/areas.ts'
import { readImports } from './structure/imports.ts'
import { areaOf } from './structure/rules.ts'

/** What a request to `POST /api/chat` goes through, and where. */
const request: [file: string, what: string][] = [
  ['app/http/handler.ts', 'takes the request and finds its REST binding'],
  ['server/identity/auth/authenticate.ts', 'says who calls, and opens a database that shows that account only'],
  ['server/platform/operations/execute.ts', 'counts the call, checks access and scope, parses the input'],
  ['server/chat/turns/chat.service.ts', 'stores the message and waits for its turn'],
  ['server/agents/runtime/runtime-agent.service.ts', 'finds where the agent runs'],
  ['server/models/completions/generate.ts', 'asks the model, and goes on with its tools'],
  ['server/models/metering/usage-buffer.ts', 'writes down what that cost'],
  ['db/client.ts', 'runs every statement, with row-level security'],
]

const ROW = { height: 46, gap: 10, left: 70, width: 560 }
const ARCS = 250

/** A picture of the areas in their order, of the imports between them as they are, and of one request. */
export function generateArchitecture(): string {
  const imports = readImports('.')
  const rows: string[] = [...layers].reverse().flatMap((layer) => (layer === 'server' ? [...areas].reverse() : [layer]))
  const folders = new Map(
    rows.map((row) => [
      row,
      foldersOf(
        row,
        imports.flatMap(({ from, to }) => [from, to]),
      ),
    ]),
  )
  const arrows = countArrows(imports, rows)
  const top = (row: string): number => 40 + rows.indexOf(row) * (ROW.height + ROW.gap)
  const legend = top(rows.at(-1)!) + ROW.height + 40
  const height = legend + request.length * 20 + 10
  const parts = [
    ...[...arrows].map(([key, count]) => arc(key.split(' ') as [string, string], count, top, rows)),
    ...rows.map((row) => box(row, folders.get(row)!, top(row))),
    ...request.map((_, index) => mark(index, top(rowOf(index)), legend)),
    `<text x="${ROW.left}" y="${legend - 14}" class="name">One request: POST /api/chat</text>`,
  ]
  const width = ROW.left + ROW.width + ARCS
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="The areas of the program in their order, the imports between them, and one request">
<style>rect{fill:#f6f7f9;stroke:#8a94a6}.server{fill:#eaf2ff}text{font:13px system-ui,sans-serif;fill:#1d2433}.name{font-weight:600}.small{font-size:11px;fill:#4a5568}path{fill:none;stroke:#3b6fd4}circle{fill:#c2410c}.step{fill:#fff;font-size:11px;font-weight:600;text-anchor:middle}</style>
<rect width="100%" height="100%" style="fill:#fff;stroke:none"/>
<text x="${ROW.left}" y="24" class="small">Each may import what stands below it. A line is an import that exists; the thicker, the more there are.</text>
${parts.join('\n')}
</svg>
`
}

const isServer = (row: string): boolean => (areas as readonly string[]).includes(row)

/** The folders of a row, by name. */
function foldersOf(row: string, files: string[]): string[] {
  const depth = isServer(row) ? 2 : 1
  const names = files.filter((file) => areaOf(file) === row && file.split('/').length > depth + 1).map((file) => file.split('/')[depth]!)
  return [...new Set(names)].sort()
}

/** How many imports there are from each row to each other one. What puts the areas together is left out. */
function countArrows(imports: ReturnType<typeof readImports>, rows: string[]): Map<string, number> {
  const arrows = new Map<string, number>()
  for (const { from, to } of imports) {
    const [source, target] = [areaOf(from), areaOf(to)]
    if (source === target || !rows.includes(source) || !rows.includes(target)) continue
    arrows.set(`${source} ${target}`, (arrows.get(`${source} ${target}`) ?? 0) + 1)
  }
  return new Map([...arrows].sort())
}

function arc([from, to]: [string, string], count: number, top: (row: string) => number, rows: string[]): string {
  const x = ROW.left + ROW.width
  const [start, end] = [top(from) + ROW.height / 2 + 6, top(to) + ROW.height / 2 - 6]
  const reach = 24 + (rows.indexOf(to) - rows.indexOf(from)) * 17
  // In steps, so that the picture changes when the structure does, and not with every import.
  const weight = 0.6 + Math.floor(Math.log2(count)) / 2
  return `<path d="M${x} ${start} C${x + reach} ${start} ${x + reach} ${end} ${x} ${end}" stroke-width="${weight}" stroke-opacity="0.45"><title>${from} imports ${to}</title></path>`
}

function box(row: string, folders: string[], y: number): string {
  const name = isServer(row) ? `server/${row}` : row
  return `<rect x="${ROW.left}" y="${y}" width="${ROW.width}" height="${ROW.height}" rx="6"${isServer(row) ? ' class="server"' : ''}/>
<text x="${ROW.left + 14}" y="${y + 19}" class="name">${name}</text>
<text x="${ROW.left + 14}" y="${y + 36}" class="small">${folders.join(' · ')}</text>`
}

/** The row a step of the request is in. @throws Error when its file is not there any more. */
function rowOf(index: number): string {
  const [file] = request[index]!
  if (!existsSync(file)) throw new Error(`${file}, which the picture of the architecture names, is gone`)
  return areaOf(file)
}

function mark(index: number, y: number, legend: number): string {
  const [file, what] = request[index]!
  const inSameRow = request.slice(0, index).filter((_, earlier) => rowOf(earlier) === rowOf(index)).length
  const [x, line] = [ROW.left - 16 - inSameRow * 22, legend + 8 + index * 20]
  const circle = (cx: number, cy: number) =>
    `<circle cx="${cx}" cy="${cy}" r="9"/><text x="${cx}" y="${cy + 4}" class="step">${index + 1}</text>`
  return `${circle(x, y + ROW.height / 2)}
${circle(ROW.left + 9, line - 4)}<text x="${ROW.left + 26}" y="${line}">${what} <tspan class="small">${file}</tspan></text>`
}
