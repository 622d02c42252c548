import type { MetaFunction } from '@remix-run/node'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { BookingList } from '../../features/money/bookings/booking-list.tsx'
import { CreateBookingDialog } from '../../features/money/bookings/create-booking-dialog.tsx'
import { Simulation } from '../../features/money/bookings/simulation.tsx'
import { Splits } from '../../features/money/bookings/split-list.tsx'
import { Button } from '../../ui/button.tsx'
import { PageHeader } from '../../ui/page.tsx'
import { useMay } from '../../workspace/workspace.ts'

export const meta: MetaFunction = () => [{ title: 'Bookings · Agentbot' }]

export default function BookingsPage() {
  const mayPay = useMay('payments:write')
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <PageHeader
        title="Bookings"
        actions={
          mayPay && (
            <Button look="primary" onClick={() => setOpen(true)}>
              <Plus size={16} aria-hidden /> New booking
            </Button>
          )
        }
      >
        Money of gigs and releases, held and shared out. This server has the keys of what it holds.
      </PageHeader>
      <div className="grid gap-6">
        <BookingList />
        <Simulation />
        <Splits />
      </div>
      <CreateBookingDialog isOpen={isOpen} onOpenChange={setOpen} />
    </>
  )
}
