import { Button } from '../../../ui/button.tsx'
import { CopyButton } from '../../../ui/copy-button.tsx'
import { DialogActions } from '../../../ui/dialog.tsx'
import { control } from '../../../ui/field.tsx'
import { Notice } from '../../../ui/notice.tsx'

/** The whole key. The server keeps its hash only, so this is the one time it can be read. */
export const NewKey = ({ value, onDone }: { value: string; onDone(): void }) => (
  <div className="grid gap-4">
    <Notice tone="warn">Copy it now: it is not shown again. Whoever has it can act in your name.</Notice>
    <div className="flex gap-2">
      <input readOnly aria-label="API key" className={`${control} font-mono`} value={value} onFocus={(event) => event.target.select()} />
      <CopyButton text={value} what="the key" />
    </div>
    <DialogActions>
      <Button look="primary" onClick={onDone}>
        I have copied it
      </Button>
    </DialogActions>
  </div>
)
