import { Button, Checkbox, Input, Select, Tabs } from 'antd';
import { useState, type ReactNode } from 'react';
import { Link } from 'react-router-dom';
import { useAddSource, useRotateKey, useSourceChange, useSourceKinds, useSourceSecret, useSources } from '../api/access';
import { ApiError } from '../api/client';
import type { KeyedSource, SettingField, SourceKind, SourceKindInfo } from '../api/types';
import { showHidden } from '../lib/escape';
import { formatCount, formatMoment } from '../lib/format';
import { kSnippets, signedMessage } from '../lib/snippets';
import { Empty, ErrorState, Loading, Panel } from '../ui/bits';
import { Once } from '../ui/Once';
import { usePreferences } from '../ui/preferences';
import { Sure } from './AccountPage';

type Settings = Record<string, string>;
interface Shown {
  id: string;
  name: string;
  key: string;
}

/** Who sends events: what each has to be told, what to paste where, and what it has brought. */
export function SourcesTab() {
  const { t } = usePreferences();
  const sources = useSources();
  const kinds = useSourceKinds();
  const rotate = useRotateKey();
  const [shown, setShown] = useState<Shown | null>(null);
  if (sources.isPending || kinds.isPending) return <Loading rows={6} />;
  if (sources.isError) return <ErrorState error={sources.error} retry={() => void sources.refetch()} />;
  if (kinds.isError) return <ErrorState error={kinds.error} retry={() => void kinds.refetch()} />;
  const info = (kind: SourceKind) => kinds.data.kinds.find((one) => one.kind === kind);
  return (
    <Panel>
      <p className="lead">{t('access.sources_lead')}</p>
      {shown && <Once text={t('access.once_key', { name: shown.name })} secret={shown.key} onDone={() => setShown(null)} />}
      <AddSource kinds={kinds.data.kinds} onKey={setShown} />
      {rotate.isError && <ErrorState error={rotate.error} />}
      {sources.data.sources.length === 0 ? (
        <Empty title={t('access.no_sources')}>{t('access.no_sources_hint')}</Empty>
      ) : (
        <ul className="letters" data-testid="sources">
          {sources.data.sources.map((source) => (
            <SourceOf
              key={source.id}
              source={source}
              info={info(source.kind)}
              writeKey={shown?.id === source.id ? shown.key : null}
              onRotate={() => rotate.mutate(source.id, { onSuccess: (made) => setShown({ id: source.id, name: source.name, key: made.write_key }) })}
            />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function AddSource({ kinds, onKey }: { kinds: SourceKindInfo[]; onKey: (shown: Shown) => void }) {
  const { t, language } = usePreferences();
  const add = useAddSource();
  const [name, setName] = useState('');
  const [kind, setKind] = useState<SourceKind>('sdk');
  const [secret, setSecret] = useState('');
  const [settings, setSettings] = useState<Settings>({});
  const info = kinds.find((one) => one.kind === kind);
  return (
    <form
      className="source-form"
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate({ name: name.trim(), kind, settings: filled(settings), ...(secret ? { secret } : {}) }, {
          onSuccess: (made) => {
            setName('');
            setSecret('');
            setSettings({});
            if (made.write_key) onKey({ id: made.source.id, name: made.source.name, key: made.write_key });
          },
        });
      }}
    >
      <div className="row-form">
        <Input aria-label={t('access.name')} placeholder={t('access.name')} maxLength={80} value={name} onChange={(event) => setName(event.target.value)} />
        <Select
          aria-label={t('access.kind')}
          value={kind}
          popupMatchSelectWidth={false}
          options={kinds.map((one) => ({ value: one.kind, label: language === 'en' ? one.title : one.title_zh }))}
          onChange={(value: SourceKind) => {
            setKind(value);
            setSettings({});
            setSecret('');
            add.reset();
          }}
        />
      </div>
      {info && <SettingInputs info={info} settings={settings} error={add.error} onChange={setSettings} />}
      {info?.secret && <SecretInput info={info} secret={secret} error={add.error} onChange={setSecret} />}
      <Button htmlType="submit" type="primary" loading={add.isPending} disabled={!name.trim()}>{t('access.add_source')}</Button>
      <OtherError error={add.error} info={info} />
    </form>
  );
}

// What was left empty is what the server takes for it.
function filled(settings: Settings): Settings {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== ''));
}

function fieldOf(error: Error | null): string | null {
  return error instanceof ApiError ? error.field : null;
}

/** An error that no field of the form shows. */
function OtherError({ error, info }: { error: Error | null; info: SourceKindInfo | undefined }) {
  const field = fieldOf(error);
  const stands = (field === 'secret' && info?.secret) || info?.fields.some((one) => `settings.${one.name}` === field);
  return error && !stands ? <ErrorState error={error} /> : null;
}

function Field({ label, help, wrong, children }: { label: string; help?: string; wrong?: string | undefined; children: ReactNode }) {
  return (
    <label className="field">
      <span className="field-name">{label}</span>
      {children}
      {wrong && <span className="wrong break" role="alert">{wrong}</span>}
      {help && <span className="muted small break">{help}</span>}
    </label>
  );
}

function SettingInputs({
  info, settings, error, onChange,
}: { info: SourceKindInfo; settings: Settings; error: Error | null; onChange: (settings: Settings) => void }) {
  const { t, language } = usePreferences();
  if (info.fields.length === 0) return null;
  return (
    <div className="field-grid">
      {info.fields.map((field) => {
        const label = (language === 'en' ? field.title : field.title_zh) + (field.required ? ` · ${t('sources.required')}` : '');
        const wrong = fieldOf(error) === `settings.${field.name}` ? error?.message : undefined;
        return (
          <Field key={field.name} label={label} help={language === 'en' ? field.help : field.help_zh} wrong={wrong}>
            <SettingInput field={field} label={label} value={settings[field.name] ?? ''} onChange={(value) => onChange({ ...settings, [field.name]: value })} />
          </Field>
        );
      })}
    </div>
  );
}

function SettingInput({ field, label, value, onChange }: { field: SettingField; label: string; value: string; onChange: (value: string) => void }) {
  const { t } = usePreferences();
  if (field.type === 'choice') {
    return <Select aria-label={label} value={value || field.fallback} options={field.choices.map((one) => ({ value: one, label: one }))} onChange={onChange} />;
  }
  if (field.type === 'truth') {
    return (
      <Checkbox checked={(value || field.fallback) === 'true'} onChange={(event) => onChange(String(event.target.checked))}>
        {t('access.yes')}
      </Checkbox>
    );
  }
  if (field.type === 'code') {
    return <Input.TextArea className="mono" aria-label={label} autoSize={{ minRows: 2, maxRows: 16 }} spellCheck={false} value={value} onChange={(event) => onChange(event.target.value)} />;
  }
  return <Input aria-label={label} autoCapitalize="none" spellCheck={false} placeholder={field.fallback} value={value} onChange={(event) => onChange(event.target.value)} />;
}

function SecretInput({ info, secret, error, onChange }: { info: SourceKindInfo; secret: string; error: Error | null; onChange: (secret: string) => void }) {
  const { t, language } = usePreferences();
  if (!info.secret) return null;
  const label = (language === 'en' ? info.secret.title : info.secret.title_zh) + (info.secret.required ? ` · ${t('sources.required')}` : '');
  return (
    <Field label={label} help={t('access.secret_hint')} wrong={fieldOf(error) === 'secret' ? error?.message : undefined}>
      <Input.Password aria-label={label} autoComplete="off" value={secret} onChange={(event) => onChange(event.target.value)} />
    </Field>
  );
}

type Part = 'connect' | 'settings';

function SourceOf({
  source, info, writeKey, onRotate,
}: { source: KeyedSource; info: SourceKindInfo | undefined; writeKey: string | null; onRotate: () => void }) {
  const { t, named } = usePreferences();
  const change = useSourceChange();
  const [opened, setOpened] = useState<Part | null>(source.last_used_at || source.kind === 'kafka' ? null : 'connect');
  const toggle = (part: Part) => setOpened(opened === part ? null : part);
  const editable = info !== undefined && (info.fields.length > 0 || info.secret !== null);
  return (
    <li className="letter source">
      <div className="letter-head">
        <strong className="break">{showHidden(source.name)}</strong>
        <span className="tag">{named('only_latin.source', source.kind)}</span>
        {source.disabled && <span className="tag">{t('access.disabled')}</span>}
        <span className="row-actions push">
          <Button size="small" aria-expanded={opened === 'connect'} onClick={() => toggle('connect')}>{t('sources.connect')}</Button>
          {editable && <Button size="small" aria-expanded={opened === 'settings'} onClick={() => toggle('settings')}>{t('sources.settings')}</Button>}
          {source.has_write_key && <Sure question={t('access.rotate_sure', { name: source.name })} label={t('access.rotate')} onYes={onRotate} />}
          {source.disabled ? (
            <Button size="small" onClick={() => change.mutate({ id: source.id, disabled: false })}>{t('access.enable')}</Button>
          ) : (
            <Sure question={t('access.source_disable_sure', { name: source.name })} label={t('access.disable')} onYes={() => change.mutate({ id: source.id, disabled: true })} />
          )}
        </span>
      </div>
      <Facts source={source} />
      {change.isError && <ErrorState error={change.error} />}
      {opened === 'connect' && <Connect source={source} writeKey={writeKey} />}
      {opened === 'settings' && info && <EditSource source={source} info={info} />}
    </li>
  );
}

function Facts({ source }: { source: KeyedSource }) {
  const { t, language } = usePreferences();
  const traffic = source.traffic;
  const queue = source.queue;
  const known = traffic ? traffic.repeated + traffic.conflicting + traffic.erased : 0;
  return (
    <dl className="source-facts">
      <div><dt>{t('access.last_used')}</dt><dd>{source.last_used_at ? formatMoment(source.last_used_at, language) : t('access.never')}</dd></div>
      {traffic && (
        <div>
          <dt>{t('sources.today')}</dt>
          <dd className="num">
            {t('sources.added', { n: traffic.added })}
            {known > 0 && <span className="muted"> · {t('sources.known', { n: known })}</span>}
            {traffic.refused > 0 && <span className="muted"> · {t('sources.refused', { n: traffic.refused })}</span>}
          </dd>
        </div>
      )}
      {traffic && (
        <div>
          <dt>{t('system.dead_letters')}</dt>
          <dd className="num">
            {traffic.dead_letters === 0 ? formatCount(0, language) : (
              <Link to={`/system?tab=dead-letters&source=${encodeURIComponent(source.door)}`}>{t('sources.letters', { n: traffic.dead_letters })}</Link>
            )}
          </dd>
        </div>
      )}
      {source.keys.map((key) => (
        <div key={key.hint}>
          <dt>{t('access.keys')}</dt>
          <dd><code>…{key.hint}</code>{key.valid_until && <> · {t('access.valid_until')} {formatMoment(key.valid_until, language)}</>}</dd>
        </div>
      ))}
      {!source.has_write_key && <div><dt>{t('access.secret')}</dt><dd className="num">{source.secrets === 0 ? <NoSecret source={source} /> : t('sources.secrets', { n: source.secrets })}</dd></div>}
      {queue && (
        <div>
          <dt>{t('sources.queue')}</dt>
          <dd className="num">
            {queue.trouble ? <span className="wrong break">{showHidden(queue.trouble)}</span> : t('sources.lag', { n: queue.partitions.reduce((sum, part) => sum + part.lag, 0), partitions: queue.partitions.length })}
            {queue.gone > 0 && <span className="muted"> · {t('sources.gone', { n: queue.gone })}</span>}
          </dd>
        </div>
      )}
    </dl>
  );
}

/** Of a sender that signs this is why nothing comes. */
function NoSecret({ source }: { source: KeyedSource }) {
  const { t } = usePreferences();
  const signs = source.kind !== 'kafka' && source.settings['unsigned'] !== true && source.settings['unsigned'] !== 'true';
  return signs ? <span className="wrong">{t('sources.secret_missing')}</span> : <>{t('sources.no_secret')}</>;
}

/** A text to be taken along, with a button that does. */
export function Copyable({ label, text }: { label: string; text: string }) {
  const { t } = usePreferences();
  const [copied, setCopied] = useState(false);
  return (
    <div className="copyable">
      <pre aria-label={label} tabIndex={0}>{text}</pre>
      <Button size="small" onClick={() => void navigator.clipboard?.writeText(text).then(() => setCopied(true), () => setCopied(false))}>
        {t(copied ? 'action.copied' : 'action.copy')}
      </Button>
    </div>
  );
}

function Connect({ source, writeKey }: { source: KeyedSource; writeKey: string | null }) {
  const { t, named } = usePreferences();
  const origin = window.location.origin;
  const address = `${origin}/hooks/${source.id}`;
  if (source.kind === 'kafka') return <p className="guide">{t('sources.guide.kafka')}</p>;
  if (source.has_write_key) {
    const key = writeKey ?? t('sources.key_here');
    return (
      <div className="guide" data-testid="connect">
        <p>{t(writeKey ? 'sources.guide.sdk_now' : 'sources.guide.sdk', { hint: source.keys[0]?.hint ?? '' })}</p>
        <Tabs
          size="small"
          items={kSnippets.map((snippet) => ({
            key: snippet.name,
            label: snippet.name,
            children: <Copyable label={snippet.name} text={snippet.code(origin, key)} />,
          }))}
        />
      </div>
    );
  }
  return (
    <div className="guide" data-testid="connect">
      <p>{named('sources.guide', source.kind)}</p>
      <Copyable label={t('access.address')} text={address} />
      {source.kind === 'custom_webhook' && <Copyable label={t('sources.example')} text={signedMessage(address)} />}
    </div>
  );
}

function EditSource({ source, info }: { source: KeyedSource; info: SourceKindInfo }) {
  const { t } = usePreferences();
  const change = useSourceChange();
  const save = useSourceSecret();
  const [settings, setSettings] = useState<Settings>(() => Object.fromEntries(Object.entries(source.settings).map(([name, value]) => [name, String(value)])));
  const [secret, setSecret] = useState('');
  return (
    <div className="guide">
      {info.fields.length > 0 && (
        <form
          className="source-form"
          onSubmit={(event) => {
            event.preventDefault();
            change.mutate({ id: source.id, settings: filled(settings) });
          }}
        >
          <SettingInputs info={info} settings={settings} error={change.error} onChange={setSettings} />
          <span className="row-actions start">
            <Button htmlType="submit" type="primary" loading={change.isPending}>{t('sources.save')}</Button>
            {change.isSuccess && <span className="check-ok" role="status">{t('sources.saved')}</span>}
          </span>
          <OtherError error={change.error} info={info} />
        </form>
      )}
      {info.secret && (
        <form
          className="source-form"
          onSubmit={(event) => {
            event.preventDefault();
            save.mutate({ id: source.id, secret }, { onSuccess: () => setSecret('') });
          }}
        >
          <SecretInput info={info} secret={secret} error={save.error} onChange={setSecret} />
          <span className="row-actions start">
            <Button htmlType="submit" loading={save.isPending} disabled={!secret}>{t('access.secret_save')}</Button>
            {save.isSuccess && <span className="check-ok" role="status">{t('sources.saved')}</span>}
          </span>
          <OtherError error={save.error} info={info} />
        </form>
      )}
    </div>
  );
}
