import { Alert, Button, Input, Modal, Popconfirm, Switch } from 'antd';
import { useState } from 'react';
import { exportHref, useConsent, useErase, usePrivacy } from '../api/queries';
import type { Consent, Receipt } from '../api/types';
import { formatDay } from '../lib/format';
import { showHidden } from '../lib/escape';
import type { TextKey } from '../i18n/text';
import { ErrorState, Loading, Panel } from '../ui/bits';
import { EventLink } from '../ui/EventDrawer';
import { usePreferences } from '../ui/preferences';

const kStances = [
  { purpose: 'processing', key: 'restricted' },
  { purpose: 'profiling', key: 'no_profiling' },
  { purpose: 'marketing', key: 'no_marketing' },
] as const;

/** What a person allows and objects to, and what they may ask for: their data, and to be forgotten. */
export function Privacy({ id }: { id: string }) {
  const { t } = usePreferences();
  const privacy = usePrivacy(id);
  const consent = useConsent(id);
  if (privacy.isPending) return <Loading rows={6} />;
  if (privacy.isError) return <ErrorState error={privacy.error} retry={() => void privacy.refetch()} />;
  const { stance, consents } = privacy.data;
  return (
    <div className="privacy" data-testid="privacy">
      {consent.isError && <ErrorState error={consent.error} />}
      <Panel title={t('privacy.stance')}>
        <ul className="stances">
          {kStances.map(({ purpose, key }) => (
            <li key={key}>
              <label>
                <Switch
                  checked={stance[key]}
                  loading={consent.isPending}
                  aria-label={t(`privacy.${key}` as TextKey)}
                  onChange={(objects) => consent.mutate({ purpose, given: !objects })}
                />{' '}
                <strong>{t(`privacy.${key}` as TextKey)}</strong>
              </label>
              <p className="muted">{t(`privacy.${key}_means` as TextKey)}</p>
            </li>
          ))}
        </ul>
      </Panel>
      <Panel title={t('privacy.consents')}>
        {consents.length === 0 ? <p className="muted">{t('privacy.no_consents')}</p> : <Consents consents={consents} />}
      </Panel>
      <Panel title={t('privacy.rights')}>
        <p className="privacy-rights">
          <Button href={exportHref(id)} download>{t('privacy.export')}</Button>
          <Erase id={id} />
        </p>
      </Panel>
    </div>
  );
}

function Consents({ consents }: { consents: Consent[] }) {
  const { t, language } = usePreferences();
  return (
    <ul className="consents">
      {consents.map((one) => (
        <li key={`${one.purpose} ${one.channel ?? ''}`}>
          <strong>{showHidden(one.purpose)}</strong>
          {one.channel && <> · {showHidden(one.channel)}</>}
          {' — '}{t(one.given ? 'privacy.given' : 'privacy.withdrawn')}{' '}
          <span className="num">{formatDay(one.at.slice(0, 10), language)}</span>{' '}
          {one.text_version && <span className="muted">{t('privacy.text_version', { version: showHidden(one.text_version) })} </span>}
          {one.stated_by && <span className="muted">{t('privacy.stated_by', { who: showHidden(one.stated_by) })} </span>}
          <EventLink ordinal={one.ordinal}>{t('posting.event')}</EventLink>
        </li>
      ))}
    </ul>
  );
}

function Erase({ id }: { id: string }) {
  const { t } = usePreferences();
  const erase = useErase(id);
  const [typed, setTyped] = useState('');
  return (
    <>
      <Popconfirm
        title={t('privacy.erase_sure')}
        description={<Input value={typed} aria-label={t('privacy.erase_type')} placeholder={id} onChange={(event) => setTyped(event.target.value)} />}
        okText={t('privacy.erase')}
        cancelText={t('privacy.cancel')}
        okButtonProps={{ danger: true, disabled: typed !== id }}
        onConfirm={() => erase.mutate()}
      >
        <Button danger loading={erase.isPending}>{t('privacy.erase')}</Button>
      </Popconfirm>
      {erase.isError && <ErrorState error={erase.error} />}
      {erase.data && <ReceiptShown receipt={erase.data} />}
    </>
  );
}

function ReceiptShown({ receipt }: { receipt: Receipt }) {
  const { t } = usePreferences();
  const text = JSON.stringify(receipt, null, 2);
  return (
    <Modal open title={t('privacy.receipt')} footer={null} onCancel={() => window.location.assign('/people')}>
      <Alert type="success" message={t('privacy.erased', { events: receipt.events, batches: receipt.batches, mentions: receipt.mentions })} />
      <pre className="receipt">{text}</pre>
    </Modal>
  );
}
