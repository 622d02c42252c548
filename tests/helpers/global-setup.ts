import { databasesOn } from '../../db/client.ts'
import { migrateToLatest } from '../../db/migrate.ts'
import { openPostgres } from '../../db/postgres.ts'
import { ensureBuilt } from '../../scripts/build.ts'
import { createDatabase, dropDatabase, templateName } from './test-database.ts'

/** Builds what is not built yet, the embedded template included, and makes a template on Postgres. */
export default async function setUp(): Promise<() => Promise<void>> {
  ensureBuilt()
  const url = process.env.TEST_DATABASE_URL
  if (!url) return async () => undefined
  await dropDatabase(url, templateName)
  const databases = databasesOn(openPostgres(await createDatabase(url, templateName)))
  await migrateToLatest(databases.system)
  await databases.close()
  return () => dropDatabase(url, templateName)
}
