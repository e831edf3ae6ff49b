import { Button, Input, Pagination } from 'antd';
import { useState } from 'react';
import { useDeadLetters, useResend } from '../api/queries';
import type { DeadLetter } from '../api/types';
import { prettyJson, showHidden } from '../lib/escape';
import { Empty, ErrorState, Loading } from '../ui/bits';
import { useUrl } from '../ui/hooks';
import { usePreferences } from '../ui/preferences';

const kLetters = 50;

/** Every event that was refused: why, what came, and sending it again as it should have been. */
export function DeadLettersTab() {
  const { t } = usePreferences();
  const [params, setUrl] = useUrl();
  const page = Math.max(1, Number(params.get('page') ?? 1) || 1);
  const source = params.get('source') ?? '';
  const letters = useDeadLetters((page - 1) * kLetters, kLetters, source);
  if (letters.isPending) return <Loading rows={8} />;
  if (letters.isError) return <ErrorState error={letters.error} retry={() => void letters.refetch()} />;
  const ofSource = source !== '' && (
    <p className="break">
      {t('letters.of', { source: showHidden(source) })}{' '}
      <Button size="small" onClick={() => setUrl({ source: null, page: null })}>{t('letters.all')}</Button>
    </p>
  );
  if (letters.data.total === 0) return <>{ofSource}<Empty title={t('letters.none')}>{t('letters.none_hint')}</Empty></>;
  return (
    <div data-testid="dead-letters">
      {ofSource}
      <p className="lead">{t('letters.lead', { n: letters.data.total })}</p>
      <ul className="letters">{letters.data.letters.map((letter) => <Letter key={letter.id} letter={letter} />)}</ul>
      <Pagination
        size="small"
        current={page}
        pageSize={kLetters}
        total={letters.data.total}
        showSizeChanger={false}
        hideOnSinglePage
        onChange={(next) => setUrl({ page: next === 1 ? null : String(next) })}
      />
    </div>
  );
}

function Letter({ letter }: { letter: DeadLetter }) {
  const { t } = usePreferences();
  const [open, setOpen] = useState(false);
  return (
    <li className="letter">
      <p className="letter-head">
        <strong className="break">{showHidden(letter.source)}</strong>
        {letter.line > 0 && <span className="num muted">{t('letters.line', { n: letter.line })}</span>}
        {letter.at && <span className="num muted">{moment(letter.at)}</span>}
        {letter.field && <code className="break">{showHidden(letter.field)}</code>}
        {letter.resent_at && <span className="tag">{t('letters.resent', { at: moment(letter.resent_at) })}</span>}
        <button type="button" className="event-link" aria-expanded={open} onClick={() => setOpen(!open)}>
          {t(open ? 'letters.hide' : 'letters.show')}
        </button>
      </p>
      <p className="break">{showHidden(letter.reason)}</p>
      {open && <Correction letter={letter} />}
    </li>
  );
}

function moment(text: string): string {
  return text.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC');
}

/** What came, to be corrected, and what came of sending it again. */
function Correction({ letter }: { letter: DeadLetter }) {
  const { t } = usePreferences();
  const [text, setText] = useState(() => prettyJson(letter.original));
  const resend = useResend();
  const changed = text !== prettyJson(letter.original);
  return (
    <div className="correction">
      <Input.TextArea
        className="mono"
        aria-label={t('letters.original')}
        autoSize={{ minRows: 3, maxRows: 24 }}
        spellCheck={false}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <div className="correction-actions">
        <Button
          type={changed ? 'primary' : 'default'}
          loading={resend.isPending}
          onClick={() => resend.mutate({ id: letter.id, original: changed ? text : null })}
        >
          {t(changed ? 'letters.send_corrected' : 'letters.send_again')}
        </Button>
        {changed && <Button type="text" onClick={() => setText(prettyJson(letter.original))}>{t('letters.undo')}</Button>}
        {resend.data && (
          <span role="status">
            {resend.data.added > 0 ? t('letters.went_in', { n: resend.data.added }) : t(resend.data.erased > 0 ? 'letters.kept_out' : 'letters.was_there')}
          </span>
        )}
      </div>
      {resend.isError && <ErrorState error={resend.error} />}
    </div>
  );
}
