import { Button } from 'antd';
import { useDecide, useIdentity } from '../api/queries';
import type { IdentityLink } from '../api/types';
import { showHidden } from '../lib/escape';
import { formatCount } from '../lib/format';
import { ErrorState, Loading, Panel, PersonLink } from '../ui/bits';
import { usePreferences } from '../ui/preferences';

/** Which ids are this person, what says so, what was refused; parting them, and taking that back. */
export function PersonIdentity({ id }: { id: string }) {
  const { t } = usePreferences();
  const identity = useIdentity(id);
  if (identity.isPending) return <Loading rows={6} />;
  if (identity.isError) return <ErrorState error={identity.error} retry={() => void identity.refetch()} />;
  const inside = identity.data.links.filter((link) => link.verdict === 'accepted');
  const outside = identity.data.links.filter((link) => link.verdict !== 'accepted');
  return (
    <div data-testid="identity">
      <Panel title={t('identity.ids')}>
        <ul className="id-list">{identity.data.ids.map((one) => <li key={one}><code className="break">{showHidden(one)}</code></li>)}</ul>
        <p className="muted">{t(identity.data.ids.length > 1 ? 'identity.ids_hint' : 'identity.one_id')}</p>
      </Panel>
      {inside.length > 0 && (
        <Panel title={t('identity.why_one')}>
          <ul className="letters">{inside.map((link) => <LinkLine key={`${link.a} ${link.b}`} link={link} />)}</ul>
          {identity.data.links_more > 0 && <p className="muted">{t('identity.links_more', { n: identity.data.links_more })}</p>}
        </Panel>
      )}
      {outside.length > 0 && (
        <Panel title={t('identity.not_one')}>
          <ul className="letters">{outside.map((link) => <LinkLine key={`${link.a} ${link.b}`} link={link} />)}</ul>
        </Panel>
      )}
    </div>
  );
}

/** One link: what says so, what became of it, and what can be decided about it. */
function LinkLine({ link }: { link: IdentityLink }) {
  const { t, named } = usePreferences();
  const decide = useDecide();
  const ask = (kind: 'same' | 'apart' | 'open') => decide.mutate({ kind, first_id: link.a, second_id: link.b });
  return (
    <li className="letter">
      <p className="letter-head">
        <code className="break">{showHidden(link.a)}</code>
        <span className="muted">{t('identity.and')}</span>
        <code className="break">{showHidden(link.b)}</code>
        {link.other && <span className="muted">{t('identity.other')} <PersonLink id={link.other} /></span>}
      </p>
      <p className="muted">
        <Reasons link={link} />
        {link.verdict !== 'accepted' && <> {named('verdict', link.verdict)}</>}
      </p>
      <div className="correction-actions">
        {link.decided !== 'apart' && link.verdict === 'accepted' && (
          <Button size="small" loading={decide.isPending} onClick={() => ask('apart')}>{t('identity.part')}</Button>
        )}
        {link.decided === null && link.verdict !== 'accepted' && (
          <Button size="small" loading={decide.isPending} onClick={() => ask('same')}>{t('identity.join')}</Button>
        )}
        {link.decided !== null && (
          <Button size="small" loading={decide.isPending} onClick={() => ask('open')}>{t('identity.take_back')}</Button>
        )}
      </div>
      {decide.isError && <ErrorState error={decide.error} />}
    </li>
  );
}

function Reasons({ link }: { link: IdentityLink }) {
  const { t, language } = usePreferences();
  const day = link.first_at ? link.first_at.slice(0, 10) : '';
  return (
    <>
      {link.times > 0 && <>{t(link.alias ? 'identity.by_alias' : 'identity.by_events', { n: formatCount(link.times, language), day })} </>}
      {link.decided !== null && <>{t(link.decided === 'same' ? 'identity.decided_same' : 'identity.decided_apart', { n: link.decision ?? 0 })} </>}
    </>
  );
}
