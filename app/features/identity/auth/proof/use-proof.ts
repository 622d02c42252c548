import { useCallback, useRef } from 'react'
import type { Proof, ProofPurpose } from '../../../../../server/identity/bots/bots.contract.ts'
import { useTRPCClient } from '../../../../trpc/client.tsx'
import { solveChallenge } from './solve-challenge.ts'

/** A challenge is good for ten minutes; who takes longer over a form gets another one. */
const FRESH_MS = 8 * 60_000

/**
 * Solves puzzles for a form. `prepare` begins, so that typing hides how long it takes; `take` gives the solutions, which are
 * good for one call.
 */
export function useProof(purpose: ProofPurpose): { prepare: () => void; take: () => Promise<Proof> } {
  const client = useTRPCClient()
  const begun = useRef<{ at: number; proof: Promise<Proof> }>()
  const begin = useCallback((): Promise<Proof> => {
    if (!begun.current || Date.now() - begun.current.at > FRESH_MS) {
      const proof = client.bots.challenge.query({ purpose }).then(solveChallenge)
      begun.current = { at: Date.now(), proof }
      // Whoever takes it is told; until then the next try begins anew.
      proof.catch(() => (begun.current = undefined))
    }
    return begun.current.proof
  }, [client, purpose])
  const prepare = useCallback(() => void begin().catch(() => undefined), [begin])
  const take = useCallback(async () => {
    const proof = begin()
    begun.current = undefined
    return proof
  }, [begin])
  return { prepare, take }
}
