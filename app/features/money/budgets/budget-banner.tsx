import { Link } from '@remix-run/react'
import { useQuery } from '@tanstack/react-query'
import { useTRPC } from '../../../trpc/client.tsx'
import { Notice } from '../../../ui/notice.tsx'
import { nameOf } from './amounts.ts'

/** Says which budgets are used up, or nearly; nothing while there is room in all. */
export function BudgetBanner() {
  const trpc = useTRPC()
  const { data = [] } = useQuery(trpc.budgets.list.queryOptions({}))
  const told = data.filter(({ state }) => state !== 'open')
  if (told.length === 0) return null
  const isReached = told.some(({ state }) => state === 'reached')
  return (
    <Notice tone={isReached ? 'danger' : 'warn'} className="mb-4">
      {isReached ? 'Used up, so that calls are refused: ' : 'Nearly used up: '}
      {told.map(nameOf).join(', ')}. <Link to="/billing">See budgets</Link>
    </Notice>
  )
}
