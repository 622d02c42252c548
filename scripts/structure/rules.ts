import { posix } from 'node:path'
import { areas, isPublic, layers } from './areas.ts'
import type { Import } from './imports.ts'

/** What is wrong with these imports, a line each; empty when the structure holds. */
export const findProblems = (imports: Import[]): string[] => [
  ...imports.filter(isUpward).map(({ from, to }) => `${from} imports ${to}: ${areaOf(from)} stands below ${areaOf(to)}`),
  ...imports.filter(isIntrusion).map(({ from, to }) => `${from} imports ${to}: private, import ${posix.dirname(to)}/index.ts`),
  ...findCycles(imports).map((cycle) => `folders import each other: ${cycle.join(' -> ')}`),
]

/** The area of a file of `server/`, else its layer. */
export const areaOf = (file: string): string => {
  const [layer, area, rest] = file.split('/')
  return layer === 'server' && rest !== undefined ? area! : layer!
}

/** How high a file stands. Files right in `server/` stand above its areas. */
function floorOf(file: string): number {
  const [layer, area, rest] = file.split('/')
  const height = layers.indexOf(layer as (typeof layers)[number]) * 100
  if (layer !== 'server') return height
  if (rest === undefined) return height + areas.length
  const floor = areas.indexOf(area as (typeof areas)[number])
  if (floor < 0) throw new Error(`${file}: there is no area "${area}" in scripts/structure/areas.ts`)
  return height + floor
}

const isUpward = ({ from, to }: Import): boolean => floorOf(from) < floorOf(to)

const folderOf = (file: string): string => posix.dirname(file)

const isIntrusion = ({ from, to }: Import): boolean => to.startsWith('server/') && folderOf(from) !== folderOf(to) && !isPublic(to)

/** One way round for each knot of folders, by depth-first search. */
function findCycles(imports: Import[]): string[][] {
  const edges = new Map<string, Set<string>>()
  for (const { from, to } of imports) {
    if (folderOf(from) === folderOf(to)) continue
    edges.set(folderOf(from), (edges.get(folderOf(from)) ?? new Set()).add(folderOf(to)))
  }
  const done = new Set<string>()
  const cycles: string[][] = []
  const visit = (folder: string, path: string[]): void => {
    const start = path.indexOf(folder)
    if (start >= 0) return void cycles.push([...path.slice(start), folder])
    if (done.has(folder)) return
    for (const next of edges.get(folder) ?? []) visit(next, [...path, folder])
    done.add(folder)
  }
  for (const folder of edges.keys()) visit(folder, [])
  return cycles
}
