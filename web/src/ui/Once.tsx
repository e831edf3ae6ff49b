import { Alert, Button } from 'antd';
import { useState } from 'react';
import { usePreferences } from './preferences';

/** A secret that is shown this once. */
export function Once({ text, secret, onDone }: { text: string; secret: string; onDone: () => void }) {
  const { t } = usePreferences();
  const [copied, setCopied] = useState(false);
  return (
    <Alert
      type="warning"
      className="once"
      data-testid="once"
      message={text}
      description={
        <>
          <code className="break">{secret}</code>
          <div className="once-actions">
            <Button
              size="small"
              onClick={() => void navigator.clipboard?.writeText(secret).then(() => setCopied(true), () => setCopied(false))}
            >
              {copied ? t('action.copied') : t('action.copy')}
            </Button>
            <Button size="small" type="primary" onClick={onDone}>{t('access.shown_done')}</Button>
          </div>
        </>
      }
    />
  );
}
