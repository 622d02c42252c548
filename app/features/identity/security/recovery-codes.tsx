import { Button } from '../../../ui/button.tsx'
import { CopyButton } from '../../../ui/copy-button.tsx'
import { DialogActions } from '../../../ui/dialog.tsx'

/** New codes, which are shown only here. */
export function RecoveryCodeList({ codes, onDone }: { codes: string[]; onDone(): void }) {
  return (
    <div className="grid gap-4">
      <p className="text-sm">
        Each of these signs you in once when you do not have the app at hand. Keep them somewhere safe: they are not shown again.
      </p>
      <ul className="grid gap-x-6 gap-y-1 rounded-xl bg-sunken p-4 font-mono text-sm sm:grid-cols-2">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <DialogActions>
        <CopyButton text={codes.join('\n')} what="the recovery codes" />
        <Button look="primary" onClick={onDone}>
          I have kept them
        </Button>
      </DialogActions>
    </div>
  )
}
