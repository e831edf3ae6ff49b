import { Button, Tabs } from 'antd';
import { useDecide, useDecisions, useDuplicates } from '../api/queries';
import type { Duplicate, IdentityDecision } from '../api/types';
import { showHidden } from '../lib/escape';
import { Empty, ErrorState, Loading, PersonLink } from '../ui/bits';
import { tabOf, useTitle, useUrl } from '../ui/hooks';
import { usePreferences } from '../ui/preferences';

/** Who may be one, and what was decided about it. */
export default function IdentitiesPage() {
  const { t } = usePreferences();
  useTitle(t('nav.identities'));
  const [params, setUrl] = useUrl();
  return (
    <div className="page">
      <div className="page-head"><h1>{t('nav.identities')}</h1></div>
      <Tabs
        activeKey={tabOf(params.get('tab'), ['duplicates', 'decisions'])}
        onChange={(key) => setUrl({ tab: key === 'duplicates' ? null : key })}
        destroyOnHidden
        items={[
          { key: 'duplicates', label: t('identity.duplicates'), children: <DuplicatesTab /> },
          { key: 'decisions', label: t('identity.decisions'), children: <DecisionsTab /> },
        ]}
      />
    </div>
  );
}

function DuplicatesTab() {
  const { t } = usePreferences();
  const found = useDuplicates(100);
  if (found.isPending) return <Loading rows={8} />;
  if (found.isError) return <ErrorState error={found.error} retry={() => void found.refetch()} />;
  if (found.data.pairs.length === 0) return <Empty title={t('identity.none')}>{t('identity.none_hint')}</Empty>;
  return (
    <div data-testid="duplicates">
      <p className="lead">{t('identity.lead', { n: found.data.found })}</p>
      <ul className="letters">{found.data.pairs.map((pair) => <Pair key={`${pair.a} ${pair.b}`} pair={pair} />)}</ul>
    </div>
  );
}

/** Two people side by side, what speaks for their being one, and the decision. */
function Pair({ pair }: { pair: Duplicate }) {
  const { t, named } = usePreferences();
  const decide = useDecide();
  return (
    <li className="letter">
      <p className="letter-head">
        <PersonLink id={pair.a} wide />
        <span className="muted">{t('identity.and')}</span>
        <PersonLink id={pair.b} wide />
        <span className="tag num">{t('identity.points', { n: pair.points })}</span>
      </p>
      <ul className="signs">
        {pair.signs.map((sign, i) => (
          <li key={i}>
            {named('sign', sign.kind)}{': '}
            <code className="break">{showHidden(sign.a)}</code> {t('identity.and')} <code className="break">{showHidden(sign.b)}</code>
            {sign.times > 0 && <span className="muted"> {t('identity.by_events', { n: sign.times, day: sign.first_at?.slice(0, 10) ?? '' })}</span>}
          </li>
        ))}
      </ul>
      <div className="correction-actions">
        <Button size="small" type="primary" loading={decide.isPending} onClick={() => decide.mutate({ kind: 'same', first_id: pair.a, second_id: pair.b })}>
          {t('identity.join')}
        </Button>
        <Button size="small" loading={decide.isPending} onClick={() => decide.mutate({ kind: 'apart', first_id: pair.a, second_id: pair.b })}>
          {t('identity.keep_apart')}
        </Button>
      </div>
      {decide.isError && <ErrorState error={decide.error} />}
    </li>
  );
}

function DecisionsTab() {
  const { t } = usePreferences();
  const decisions = useDecisions(200);
  if (decisions.isPending) return <Loading rows={8} />;
  if (decisions.isError) return <ErrorState error={decisions.error} retry={() => void decisions.refetch()} />;
  if (decisions.data.decisions.length === 0) return <Empty title={t('identity.no_decisions')}>{t('identity.no_decisions_hint')}</Empty>;
  return (
    <ul className="letters" data-testid="decisions">
      {decisions.data.decisions.map((one) => <Decision key={one.number} decision={one} />)}
    </ul>
  );
}

function Decision({ decision }: { decision: IdentityDecision }) {
  const { t, named } = usePreferences();
  const decide = useDecide();
  return (
    <li className="letter">
      <p className="letter-head">
        <span className="num muted">{decision.number}</span>
        <strong>{named('decision', decision.kind)}</strong>
        <code className="break">{showHidden(decision.first_id)}</code>
        {decision.second_id && <code className="break">{showHidden(decision.second_id)}</code>}
        {decision.decided_at && <span className="num muted">{decision.decided_at.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC')}</span>}
        {decision.actor && <span className="muted">{t('identity.by', { who: showHidden(decision.actor) })}</span>}
      </p>
      {decision.note && <p className="break">{showHidden(decision.note)}</p>}
      {decision.kind !== 'open' && (
        <div className="correction-actions">
          <Button
            size="small"
            loading={decide.isPending}
            onClick={() => decide.mutate({ kind: 'open', first_id: decision.first_id, ...(decision.second_id ? { second_id: decision.second_id } : {}) })}
          >
            {t('identity.take_back')}
          </Button>
        </div>
      )}
      {decide.isError && <ErrorState error={decide.error} />}
    </li>
  );
}
