import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { databasesOn, type Databases } from '../../db/client.ts'
import type { Engine } from '../../db/engine.ts'
import { openInMemory, readTemplate } from '../../db/embedded.ts'
import { openPostgres } from '../../db/postgres.ts'

export const templateName = 'agentbot_test_template'

/** Read once by each worker. */
let template: Promise<Blob> | undefined

/**
 * A migrated, empty database of its own: embedded, or on Postgres when `TEST_DATABASE_URL` is set.
 *
 * @param instead Makes of its engine the one that is used.
 */
export async function openTestDatabase(
  instead: (engine: Engine) => Engine = (engine) => engine,
): Promise<{ databases: Databases; url?: string }> {
  const server = process.env.TEST_DATABASE_URL
  if (!server) return { databases: databasesOn(instead(await openInMemory(await (template ??= readTemplate())))) }
  const name = `agentbot_test_${randomBytes(6).toString('hex')}`
  const url = await createDatabase(server, name, templateName)
  const databases = databasesOn(instead(openPostgres(url)))
  return {
    url,
    databases: {
      ...databases,
      async close() {
        await databases.close()
        await dropDatabase(server, name)
      },
    },
  }
}

/** @returns the URL of the new database. */
export async function createDatabase(server: string, name: string, template?: string): Promise<string> {
  await asAdmin(server, `create database ${name}${template ? ` template ${template}` : ''}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}

export const dropDatabase = (server: string, name: string) => asAdmin(server, `drop database if exists ${name} with (force)`)

/** Runs one statement with the rights of the address, which are those of an administrator. */
export async function asAdmin(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
