import { lexicographicSortSchema, printSchema } from 'graphql'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { schema } from '../schema/index.ts'
import { generateArchitecture } from './generate-architecture.ts'
import { generateConfigurationTable } from './generate-configuration.ts'
import { generateDbTypes } from './generate-db-types.ts'
import { generateDecisionsIndex } from './generate-decisions.ts'
import { generateOpenApi } from './generate-openapi.ts'
import { generateOperationsTable } from './generate-operations.ts'
import { generateSdkTypes } from './generate-sdk-types.ts'

/**
 * Writes the files that are made from others; with `--check` it only says which are out of date, and
 * fails if any is.
 */
const isCheck = process.argv.includes('--check')
const stale: string[] = []

async function emit(path: string, content: string): Promise<void> {
  const current = await readFile(path, 'utf8').catch(() => undefined)
  if (current === content) return
  stale.push(path)
  if (isCheck) return
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
}

await emit('db/types.ts', await generateDbTypes())
const openapi = `${JSON.stringify(await generateOpenApi(), null, 1)}\n`
await emit('docs/openapi.json', openapi)
await emit('docs/operations.md', await generateOperationsTable())
await emit('docs/schema.graphql', `${printSchema(lexicographicSortSchema(schema))}\n`)
for (const [path, content] of Object.entries(await generateSdkTypes(openapi))) await emit(path, content)
await emit('docs/architecture.svg', generateArchitecture())
await emit('docs/decisions/README.md', await generateDecisionsIndex())
await emit('README.md', await generateConfigurationTable())

for (const path of stale) console.log(isCheck ? `${path} is out of date: run npm run generate` : `wrote ${path}`)
if (isCheck && stale.length > 0) process.exit(1)
