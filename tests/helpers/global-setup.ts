import { mkdir, writeFile } from 'node:fs/promises'
import { databasesOn } from '../../db/client.ts'
import { openInMemory } from '../../db/embedded.ts'
import { migrateToLatest } from '../../db/migrate.ts'
import { openPostgres } from '../../db/postgres.ts'
import { ensureBuilt } from '../../scripts/build.ts'
import { createDatabase, dropDatabase, templateDump, templateName } from './test-database.ts'

/** Builds what is not built yet, and migrates one database; every test file gets a copy of it. */
export default async function setUp(): Promise<() => Promise<void>> {
  // Some tests start the real server.
  ensureBuilt()
  const url = process.env.TEST_DATABASE_URL
  if (!url) {
    const engine = await openInMemory()
    const databases = databasesOn(engine)
    await migrateToLatest(databases.system)
    await mkdir(new URL('.', templateDump), { recursive: true })
    await writeFile(templateDump, Buffer.from(await (await engine.lite.dumpDataDir('none')).arrayBuffer()))
    await databases.close()
    return async () => undefined
  }
  await dropDatabase(url, templateName)
  const databases = databasesOn(openPostgres(await createDatabase(url, templateName)))
  await migrateToLatest(databases.system)
  await databases.close()
  return () => dropDatabase(url, templateName)
}
