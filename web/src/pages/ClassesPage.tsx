import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router-dom';
import { get } from '../api/client';
import { useClasses } from '../api/queries';
import type { ClassMark, Classes, PeopleClass, PeoplePage } from '../api/types';
import { formatCount, formatDay, formatFixed, formatMoney, formatShare } from '../lib/format';
import { kTierNames } from '../lib/tiers';
import { Empty, ErrorState, Loading, Panel, Term } from '../ui/bits';
import { useTitle } from '../ui/hooks';
import { usePreferences } from '../ui/preferences';

const kMarks = 5;
const kDeviationsMost = 2.5;
/** Conditions on the columns: what the lists ask for is what the page says. */
const kCultivate = 'potential > 0 and p_alive >= 0.5 and trust >= 0.5 and reachable and not no_marketing';
const kLetGo = 'p_alive < 0.1 and grade = 1 and referred_orders = 0';

const listOf = (where: string, sort: string) => `/people?${new URLSearchParams({ where, sort, desc: 'true' }).toString()}`;

/** Buyers who behave alike, grades by value, and whom to give time to. */
export default function ClassesPage() {
  const { t, language } = usePreferences();
  useTitle(t('nav.classes'));
  const classes = useClasses();
  const data = classes.data;
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <h1>{t('classes.title')}</h1>
          {data?.as_of && <p className="lead">{t('classes.lead', { day: formatDay(data.as_of, language), n: data.fitted_to })}</p>}
        </div>
      </div>
      {classes.isPending && <Loading rows={10} />}
      {classes.isError && <ErrorState error={classes.error} retry={() => void classes.refetch()} />}
      {data && !data.as_of && <Empty title={t('classes.none')}><p>{t('classes.none_hint')}</p></Empty>}
      {data?.as_of && <Screen data={data} />}
    </div>
  );
}

function Screen({ data }: { data: Classes }) {
  const { t, language } = usePreferences();
  const people = data.classes.reduce((sum, one) => sum + one.people, 0);
  return (
    <>
      {data.grades.length > 0 && (
        <div className="columns">
          <Grades data={data} />
          <Panel title={t('classes.whom')}>
            <Whom title={t('classes.cultivate')} why={t('classes.cultivate_why')} where={kCultivate} sort="potential" />
            <Whom title={t('classes.let_go')} why={t('classes.let_go_why')} where={kLetGo} sort="silence_days" />
          </Panel>
        </div>
      )}
      <p className="lead classes-lead">{t('classes.names')}</p>
      <div className="class-grid">
        {data.classes.map((one) => <ClassPanel key={one.number} one={one} all={people} data={data} />)}
      </div>
      <p className="muted small">
        {t('classes.onlookers', { n: data.onlookers })}{' '}
        {data.left_out.length > 0 && t('classes.left_out', { traits: data.left_out.map((trait) => (language === 'en' ? trait.en : trait.zh)).join(language === 'en' ? ', ' : '、') })}
      </p>
    </>
  );
}

function Grades({ data }: { data: Classes }) {
  const { t, language } = usePreferences();
  const people = data.grades.reduce((sum, one) => sum + one.people, 0);
  const value = data.grades.reduce((sum, one) => sum + one.value_minor, 0);
  return (
    <Panel title={<Term word="grade">{t('classes.grades')}</Term>}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{t('classes.grade')}</th>
            <th scope="col" className="right">{t('classes.people')}</th>
            <th scope="col" className="right">{t('classes.value')}</th>
            <th scope="col" className="right">{t('classes.from')}</th>
          </tr>
        </thead>
        <tbody>
          {data.grades.map((one) => (
            <tr key={one.grade}>
              <td><Link to={listOf(`grade = ${one.number}`, 'value')}>{one.grade.toUpperCase()}</Link></td>
              <td className="num right"><Share part={one.people} whole={people}>{formatCount(one.people, language)}</Share></td>
              <td className="num right"><Share part={one.value_minor} whole={value}>{formatMoney(one.value_minor, data.currency.code, language, data.currency.minor_digits)}</Share></td>
              <td className="num right">{formatMoney(one.from_minor, data.currency.code, language, data.currency.minor_digits)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function Share({ part, whole, children }: { part: number; whole: number; children: string }) {
  const { language } = usePreferences();
  return (
    <>
      {children} <span className="muted small">{formatShare(part, whole, language)}</span>
      <span className="grade-bar" aria-hidden="true"><span style={{ width: `${whole > 0 ? (100 * part) / whole : 0}%` }} /></span>
    </>
  );
}

function Whom({ title, why, where, sort }: { title: string; why: string; where: string; sort: string }) {
  const { t, language } = usePreferences();
  const count = useQuery({
    queryKey: ['people-count', where],
    queryFn: ({ signal }) => get<PeoplePage>('/people', { where, limit: 1 }, signal),
    staleTime: 60_000,
  });
  return (
    <div className="whom">
      <h3><Link to={listOf(where, sort)}>{title} <span className="num">{formatCount(count.data?.total, language)}</span></Link></h3>
      <p>{why}</p>
      <p className="muted small">{t('classes.condition')} <code>{where}</code></p>
    </div>
  );
}

function ClassPanel({ one, all, data }: { one: PeopleClass; all: number; data: Classes }) {
  const { t, language, named } = usePreferences();
  const name = language === 'en' ? one.en : one.zh;
  const money = (minor: number | null) => formatMoney(minor, data.currency.code, language, data.currency.minor_digits);
  return (
    <Panel title={<Link to={listOf(`class = ${one.number}`, 'index')}>{name}</Link>} extra={<span className="num muted">{one.number}</span>}>
      <dl className="class-facts">
        <div><dt>{t('classes.people')}</dt><dd className="num">{formatCount(one.people, language)} <span className="muted small">{formatShare(one.people, all, language)}</span></dd></div>
        <div><dt>{t('classes.spent')}</dt><dd className="num">{money(one.spent_minor)}</dd></div>
        {one.value_minor !== null && <div><dt>{t('classes.value')}</dt><dd className="num">{money(one.value_minor)}</dd></div>}
        {one.best_quarter_minor !== null && <div><dt>{t('classes.best_quarter')}</dt><dd className="num">{money(one.best_quarter_minor)}</dd></div>}
      </dl>
      <div className="tier-strip" role="img" aria-label={one.tiers.map((tier) => `${named('tier', tier.tier)} ${formatShare(tier.people, one.people, language)}`).join(', ')}>
        {kTierNames.map((tier, i) => {
          const count = one.tiers[i]?.people ?? 0;
          return count > 0 && <span key={tier} title={`${named('tier', tier)}: ${formatCount(count, language)}`} style={{ flexGrow: count, background: `var(--tier-${tier})` }} />;
        })}
      </div>
      <ul className="marks">
        {one.marks.slice(0, kMarks).map((mark) => <Mark key={mark.trait} mark={mark} />)}
      </ul>
    </Panel>
  );
}

/** How far the class lies from all buyers: to the right more, to the left less. */
function Mark({ mark }: { mark: ClassMark }) {
  const { t, language } = usePreferences();
  const share = mark.unit === '0..1' || mark.unit.startsWith('of ');
  const figure = (value: number) => (share ? formatShare(value, 1, language) : formatFixed(value, language, Math.abs(value) < 10 ? 1 : 0));
  const width = (50 * Math.min(Math.abs(mark.deviations), kDeviationsMost)) / kDeviationsMost;
  const more = mark.deviations > 0;
  return (
    <li title={t('classes.deviations', { n: formatFixed(mark.deviations, language, 1) })}>
      <span>{language === 'en' ? mark.en : mark.zh}</span>
      <span className="mark-bar" aria-hidden="true"><span data-more={more} style={{ width: `${width}%`, ...(more ? { left: '50%' } : { right: '50%' }) }} /></span>
      <span className="num">{figure(mark.mean)} <span className="muted small">{t('classes.all', { value: figure(mark.all_mean) })}</span></span>
    </li>
  );
}
