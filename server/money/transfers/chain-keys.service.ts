import type { Hex } from 'viem'
import type { Db } from '#db/client.ts'
import { type AccountId, type Platform, newId } from '#server/platform/core/index.ts'
import type { SealedColumn } from '#server/platform/rotation/index.ts'
import * as queries from './chain-keys.queries.ts'

export type { ChainKeyRow } from './chain-keys.queries.ts'

/** The purpose keys are sealed with. */
const SEAL_PURPOSE = 'chain key'

export const sealedChainKeys: SealedColumn = { table: 'chain_keys', column: 'sealed_key', purpose: () => SEAL_PURPOSE }

/**
 * Makes an address of which this server has the key, sealed; nobody is ever shown it. Whoever holds the server's secret
 * and its database can spend what is there.
 *
 * @param options.privateKey One that exists already, 32 bytes as hex; a new random one when left out.
 * @param options.db A transaction it belongs to, of the system connection.
 * @returns undefined when the address of a given key is known already, to this workspace or another.
 */
export async function createChainKey(
  { secrets, databases }: Platform,
  {
    purpose,
    accountId,
    privateKey,
    db = databases.system,
  }: { purpose: queries.KeyPurpose; accountId: AccountId; privateKey?: Hex; db?: Db },
): Promise<queries.ChainKeyRow | undefined> {
  // Most servers never need it, and it takes long to load.
  const { generatePrivateKey, privateKeyToAddress } = await import('viem/accounts')
  const key = privateKey ?? generatePrivateKey()
  return queries.insertKey(db, accountId, {
    id: newId('chainKey'),
    purpose,
    address: privateKeyToAddress(key).toLowerCase(),
    sealedKey: secrets.seal(key, SEAL_PURPOSE),
    isImported: privateKey !== undefined,
  })
}

/** The key itself. Never log it, keep it no longer than it takes to sign. */
export const openChainKey = async ({ secrets }: Platform, db: Db, keyId: string): Promise<Hex> =>
  secrets.open(await queries.readSealedKey(db, keyId), SEAL_PURPOSE) as Hex
