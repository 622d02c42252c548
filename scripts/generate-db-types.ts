import { generate, PostgresDialect } from 'kysely-codegen'
import { databasesOn } from '../db/client.ts'
import { openInMemory } from '../db/embedded.ts'
import { migrateToLatest } from '../db/migrate.ts'

/** The types of every table, read off a freshly migrated database. Timestamps arrive as ISO 8601 text. */
export async function generateDbTypes(): Promise<string> {
  const databases = databasesOn(await openInMemory())
  await migrateToLatest(databases.system)
  const types = await generate({
    db: databases.system,
    dialect: new PostgresDialect(),
    camelCase: true,
    excludePattern: 'kysely_*',
    typeMapping: { timestamptz: 'string', int8: 'number' },
    outFile: null,
    print: false,
  })
  await databases.close()
  return types
}
