import { readdir } from 'node:fs/promises'
import { Migrator, type Migration } from 'kysely/migration'
import type { Db } from './client.ts'

const folder = new URL('./migrations/', import.meta.url)

/**
 * Brings the schema up to date; servers that start at the same moment wait for one another.
 *
 * @returns the names of the migrations that were applied.
 * @throws the database's own error when one fails; that migration has then left nothing behind.
 */
export async function migrateToLatest(db: Db): Promise<string[]> {
  const migrator = new Migrator({ db, provider: { getMigrations: loadMigrations } })
  const { error, results } = await migrator.migrateToLatest()
  if (error) throw error
  return (results ?? []).filter(({ status }) => status === 'Success').map(({ migrationName }) => migrationName)
}

async function loadMigrations(): Promise<Record<string, Migration>> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.ts')).sort()
  const modules = files.map(async (file) => [file.replace(/\.ts$/, ''), (await import(new URL(file, folder).href)) as Migration] as const)
  return Object.fromEntries(await Promise.all(modules))
}
