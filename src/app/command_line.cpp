#include "app/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <memory>

#include "app/commands.hpp"
#include "app/output.hpp"

namespace guanxi::app {
namespace {

constexpr const char* kFooter =
    R"(Exit codes: 0 done, 1 a check found differences, 2 wrong command line, 3 input refused,
4 not found, 5 data damaged, 6 disk full or folder in use.

Begin with:
  guanxi import --dry-run orders.csv      what would be understood
  guanxi import orders.csv                take it in
  guanxi tiers                            how many stand in each tier of trust
  guanxi people --where 'tier >= strong' --sort index --desc
  guanxi explain 13085                    why she stands where she stands
  guanxi serve                            the same on a page, http://localhost:8300
More: docs/cli.md; each command has --help with examples.)";

/// Everything that options are read into; lives as long as the parse and the run.
struct Arguments {
  Common common;
  ImportArgs import;
  PeopleArgs people;
  DemandArgs demand;
  ResendArgs resend;
  DecisionRequest decision;
  SqlArgs sql;
  ExportArgs dump;
  ServeArgs serve;
  UsersArgs users;
  KeysArgs keys;
  TokensArgs tokens;
  AuditArgs audit;
  SimulateArgs simulate;
  std::string at, from, to, id, file, name, shell;
  std::uint64_t limit = 20;
  std::uint64_t offset = 0;
  std::uint64_t lines = 40;
  std::uint64_t events = 10;
  std::uint32_t horizon_days = 0;
  std::uint64_t bench_events = 1'000'000;
  unsigned threads = 0;
  bool yes = false;
  PrivacyArgs privacy;
  ConsentArgs consent;
  CopyArgs copy;
  bool check_erased = false;
};

using Run = std::function<int()>;

/// The commands of one command line.
///
/// Place       run_command_line() builds it; completion_script() walks it.
/// Threads     One.
class Program {
 public:
  Program()
      : app_("Guanxi keeps, for every customer, how deep the trust is, why, and where it is going.",
             "guanxi") {
    app_.footer(kFooter);
    app_.require_subcommand(1);
    app_.fallthrough();
    app_.set_version_flag("--version", "guanxi " GUANXI_VERSION);
    Arguments& a = arguments_;
    app_.add_option("--data", a.common.data, "The data folder")
        ->capture_default_str()
        ->envname("GUANXI_DATA");
    app_.add_flag("--json", a.common.json, "Print one JSON object instead of text");
    app_.add_flag("--quiet,-q", a.common.quiet, "No progress on stderr");
    add_import();
    add_surveys();
    add_what_ifs();
    add_demand();
    add_persons();
    add_privacy();
    add_data();
    add_serving();
    add_made_up();
    add_keeping();
    add_letters();
    add_identities();
    add_model();
    add_fit();
    add_users();
    add_keys();
    add_tokens();
    add_audit();
    add_completion();
  }

  [[nodiscard]] CLI::App& app() { return app_; }
  [[nodiscard]] int run() {
    arguments_.common.data_given = app_.count("--data") > 0;
    return run_ ? run_() : static_cast<int>(Exit::usage);
  }

 private:
  CLI::App* command(const std::string& name, const std::string& what, const std::string& examples,
                    Run run) {
    return under(app_, name, what, examples, std::move(run));
  }

  CLI::App* under(CLI::App& parent, const std::string& name, const std::string& what,
                  const std::string& examples, Run run) {
    CLI::App* sub = parent.add_subcommand(name, what);
    sub->fallthrough();
    sub->footer("Examples:\n" + examples);
    sub->callback([this, sub, run = std::move(run)] {
      if (sub->get_subcommands().empty()) {  // else the one below has spoken
        run_ = run;
      }
    });
    return sub;
  }

  void add_import() {
    Arguments& a = arguments_;
    CLI::App* sub = command(
        "import", "Take in files: CSV, TSV, NDJSON, Parquet, also gzipped",
        "  guanxi import orders-2023.csv.gz orders-2024.csv.gz\n"
        "  guanxi import --mapping online_retail retail.csv\n"
        "  guanxi import --mapping my-shop.toml --dry-run export.tsv\n"
        "What the columns were taken for is shown before anything is written. The same rows twice\n"
        "change nothing; rows that cannot be understood are refused one by one, with line and\n"
        "reason, and kept as dead letters. Stopped in the middle? Run it again.",
        [&a] { return run_import(a.common, a.import); });
    sub->add_option("files", a.import.files, "Files, or patterns such as 'orders-*.csv'")
        ->required()
        ->type_name("FILE");
    sub->add_option("--mapping", a.import.mapping,
                    "A ready mapping's name or a mapping file (docs/formats/mapping.md)")
        ->type_name("NAME|FILE");
    sub->add_option("--model", a.import.model, "The relationship model of a new data folder")
        ->type_name("FILE");
    sub->add_flag("--yes,-y", a.import.yes, "Do not ask");
    sub->add_flag("--dry-run", a.import.dry_run, "Show what is understood, write nothing");
    sub->add_option("--refused", a.import.refused_shown, "How many refused rows to list")
        ->capture_default_str();
  }

  CLI::Option* add_at(CLI::App* sub, const std::string& what = "The day at whose close to look") {
    return sub->add_option("--at", arguments_.at, what + " (default: the last event's)")
        ->type_name("DATE");
  }

  void add_surveys() {
    Arguments& a = arguments_;
    command("status", "What is in the data folder", "  guanxi status\n  guanxi --json status",
            [&a] { return run_status(a.common); });
    add_at(command("tiers", "How many people stand in each tier of trust",
                   "  guanxi tiers\n  guanxi tiers --at 2011-06-09",
                   [&a] { return run_tiers(a.common, a.at); }));
    CLI::App* people = command(
        "people", "List people by condition",
        "  guanxi people --where 'tier >= strong and silence_days > 60' --sort index --desc\n"
        "  guanxi people --where 'velocity = at_risk' --sort spent --desc --limit 50\n"
        "  guanxi people --where 'id contains \"ada\"'",
        [&a] { return run_people(a.common, a.people); });
    people->add_option("--where", a.people.where, "A condition on the columns (docs/sql.md)")
        ->type_name("EXPR");
    people->add_option("--sort", a.people.sort, "Column to sort by (default: id)");
    people->add_flag("--desc", a.people.descending, "Largest first");
    people->add_option("--limit", a.people.limit, "How many")->capture_default_str();
    people->add_option("--offset", a.people.offset, "After how many")->capture_default_str();
    CLI::App* changes = command("changes", "Changes of tier in a period, newest first",
                                "  guanxi changes\n"
                                "  guanxi changes --from 2011-06-01 --to 2011-06-30 --limit 100",
                                [&a] { return run_changes(a.common, a.from, a.to, a.limit); });
    changes->add_option("--from", a.from, "First day (default: 30 days before --to)")
        ->type_name("DATE");
    changes->add_option("--to", a.to, "Last day (default: the last event's)")->type_name("DATE");
    changes->add_option("--limit", a.limit, "How many")->capture_default_str();
  }

  void add_what_ifs() {
    Arguments& a = arguments_;
    CLI::App* what_if =
        command("what-if", "Who would move where under another model; changes nothing",
                "  guanxi model show > draft.toml   # edit it, then\n  guanxi what-if draft.toml",
                [&a] { return run_what_if(a.common, a.file, a.at); });
    what_if->add_option("model", a.file, "A model file")->required()->type_name("MODEL.toml");
    add_at(what_if);
    CLI::App* validate =
        command("validate", "Stand at a day, tier everyone, then look at what they did afterwards",
                "  guanxi validate --at 2011-06-09 --horizon 180",
                [&a] { return run_validate(a.common, a.at, a.horizon_days); });
    validate->add_option("--at", a.at, "The day at whose opening to stand")
        ->required()
        ->type_name("DATE");
    validate->add_option("--horizon", a.horizon_days, "How many days to look ahead")->required();
    CLI::App* digest =
        command("digest", "128 bits over everyone's folded state, equal for equal sets of events",
                "  guanxi digest\n  guanxi digest --at 2011-06-09",
                [&a] { return run_digest(a.common, a.at, a.threads); });
    add_at(digest);
    digest->add_option("--threads", a.threads,
                       "How many threads (the result does not depend on it)");
  }

  void add_demand() {
    DemandArgs& a = arguments_.demand;
    const Common& common = arguments_.common;
    CLI::App* demand =
        app_.add_subcommand("demand", "What products will be asked for, and what people need");
    demand->require_subcommand(1);
    demand->footer("Examples:\n  guanxi demand board\n  guanxi demand due --days 7");
    demand->fallthrough();
    demand->add_option("--horizon", a.horizon_days, "How many days ahead")
        ->check(CLI::Range(1U, 365U))
        ->capture_default_str();
    demand->add_option("--limit", a.limit, "How many lines")->capture_default_str();
    demand->add_option("--threads", a.threads,
                       "How many threads (the result does not depend on it)");
    CLI::App* board = under(*demand, "board", "Every product: what it does, what it will sell",
                            "  guanxi demand board\n"
                            "  guanxi demand board --margin 40 --loss 12 --sort converted",
                            [&] { return run_demand_board(common, a); });
    board->add_option("--sort", a.sort, "Column to sort by")->capture_default_str();
    board->add_option("--margin", a.margin, "Earned on one sold")->capture_default_str();
    board->add_option("--loss", a.loss, "Lost on one left over")->capture_default_str();
    CLI::App* due = under(*demand, "due", "Who is due for what",
                          "  guanxi demand due --days 7\n"
                          "  guanxi --json demand due --product 85123A --limit 1000",
                          [&] { return run_demand_due(common, a); });
    due->add_option("--days", a.days, "By so many days from the last one")->capture_default_str();
    due->add_option("--product", a.product, "Of this product alone");
    CLI::App* needs =
        under(*demand, "needs", "What one person needs next, and why",
              "  guanxi demand needs 13085", [&] { return run_demand_needs(common, a); });
    needs->add_option("id", a.id, "13085, user:13085, email:..., phone:...")->required();
    CLI::App* score = under(*demand, "score", "How well an earlier day's needs named what came",
                            "  guanxi demand score --at 2011-06-09 --horizon 28",
                            [&] { return run_demand_score(common, a); });
    score->add_option("--at", a.at, "The day at whose opening to stand")
        ->required()
        ->type_name("DATE");
  }

  void add_data() {
    Arguments& a = arguments_;
    CLI::App* sql =
        command("sql", "Read-only SQL over people, events, tier_changes, products, evidence",
                "  guanxi sql 'SELECT tier, count(*) FROM people GROUP BY tier'\n"
                "  guanxi sql --format csv 'SELECT * FROM tier_changes' > changes.csv",
                [&a] { return run_sql(a.common, a.sql); });
    sql->add_option("query", a.sql.query, "One SELECT (docs/sql.md)")->required();
    sql->add_option("--limit", a.sql.limit, "Most rows")->capture_default_str();
    sql->add_option("--format", a.sql.format, "table, csv or json")
        ->check(CLI::IsMember({"table", "csv", "json"}))
        ->capture_default_str();
    CLI::App* dump =
        command("export", "Write a table, or the whole log, to CSV, NDJSON or Parquet",
                "  guanxi export people people.csv\n  guanxi export tier_changes changes.parquet\n"
                "  guanxi export log everything.parquet   # can be imported again: same digest",
                [&a] { return run_export(a.common, a.dump); });
    dump->add_option("what", a.dump.what,
                     "people, events, tier_changes, products, evidence, or log: every event")
        ->required()
        ->check(CLI::IsMember({"people", "events", "tier_changes", "products", "evidence", "log"}));
    dump->add_option("file", a.dump.file, "The file to write")->required();
    dump->add_option("--format", a.dump.format, "csv, ndjson or parquet (default: by the name)");
  }

  void add_config_option(CLI::App* sub) {
    sub->add_option("--config", arguments_.serve.config, "A settings file (docs/operations.md)")
        ->type_name("FILE");
  }

  void add_serving() {
    Arguments& a = arguments_;
    CLI::App* serve = command("serve", "Serve the page, the API and the doors for events",
                              "  guanxi serve\n  guanxi --data shop serve --port 8301\n"
                              "  guanxi serve --config guanxi.toml",
                              [&a] { return run_serve(a.common, a.serve); });
    add_config_option(serve);
    serve->add_option("--port", a.serve.port, "0: any free port (default: 8300 on 127.0.0.1)")
        ->check(CLI::Range(0U, 65535U));
    serve->add_option("--web", a.serve.web, "The built page (default: web/dist as shipped)")
        ->type_name("DIR");
    serve->add_flag("!--no-supervisor", a.serve.supervised,
                    "One process: no restart without a gap, none after a crash");
    command("restart", "Replace the running server's worker; nothing that is sent is lost",
            "  guanxi restart\n  guanxi --data shop restart   # also after the program was updated",
            [&a] { return run_restart(a.common, a.serve); });
    CLI::App* config = app_.add_subcommand("config", "Show or check the settings of a server");
    config->require_subcommand(1);
    config->footer("Examples:\n  guanxi config show > guanxi.toml");
    config->fallthrough();
    add_config_option(under(*config, "show", "Print all settings as they are in effect",
                            "  guanxi config show > guanxi.toml\n"
                            "  guanxi config show --config guanxi.toml",
                            [&a] { return run_config_show(a.common, a.serve); }));
    add_config_option(under(*config, "check", "Say whether a settings file is valid",
                            "  guanxi config check --config guanxi.toml",
                            [&a] { return run_config_check(a.common, a.serve); }));
    under(*config, "page", "Print the table of settings as it stands in docs/operations.md",
          "  guanxi config page", [] { return run_config_page(); });
  }

  void add_made_up() {
    Arguments& a = arguments_;
    CLI::App* simulate =
        command("simulate", "Make up a brand's whole life: the same bytes on every machine",
                "  guanxi simulate --people 4000 --seed 1 --out demo.ndjson\n"
                "  guanxi simulate --events 100000000 --out big.parquet --truth truth.parquet",
                [&a, this] {
                  a.simulate.people_given = app_.get_subcommand("simulate")->count("--people") > 0;
                  return run_simulate(a.common, a.simulate);
                });
    simulate->add_option("--people", a.simulate.people, "How many people")->capture_default_str();
    simulate->add_option("--events", a.simulate.events,
                         "How many events (then as many people as they need)");
    simulate->add_option("--seed", a.simulate.seed, "Another seed, another brand")
        ->capture_default_str();
    simulate->add_option("--from", a.simulate.from, "The brand's first day")->type_name("DATE");
    simulate->add_option("--days", a.simulate.days, "How many days it lives");
    simulate->add_option("--out", a.simulate.out, "The file to write: .ndjson or .parquet")
        ->required();
    simulate->add_option("--truth", a.simulate.truth,
                         "Write the latent trust beside: .csv, .ndjson or .parquet");
    CLI::App* bench =
        command("bench", "How fast this machine folds, asks what-if, counts and sums up",
                "  guanxi bench\n  guanxi --json bench --events 10000000\n"
                "Rivals and recorded figures: docs/benchmarks.md.",
                [&a] { return run_bench(a.common, a.bench_events); });
    bench->add_option("--events", a.bench_events, "How many made-up events")
        ->check(CLI::Range(std::uint64_t{1000}, std::uint64_t{200'000'000}))
        ->capture_default_str();
  }

  void add_persons() {
    Arguments& a = arguments_;
    CLI::App* person =
        command("person", "One person: where they stand, how they came there, latest events",
                "  guanxi person 13085\n  guanxi person email:ada@example.org --at 2011-06-09",
                [&a] { return run_person(a.common, a.id, a.at, a.events); });
    person->add_option("id", a.id, "13085, user:13085, email:..., phone:...")->required();
    add_at(person);
    person->add_option("--events", a.events, "How many latest events")->capture_default_str();
    CLI::App* explain =
        command("explain", "Why a person stands there: every line of evidence, every gate",
                "  guanxi explain 13085\n  guanxi --json explain 13085 --at 2011-06-09",
                [&a] { return run_explain(a.common, a.id, a.at, a.lines); });
    explain->add_option("id", a.id, "13085, user:13085, email:..., phone:...")->required();
    add_at(explain);
    explain->add_option("--lines", a.lines, "How many latest lines of evidence")
        ->capture_default_str();
  }

  void add_keeping() {
    Arguments& a = arguments_;
    CLI::App* erase = command("erase", "Take a person out of the data folder, for good",
                              "  guanxi erase 13085\n  guanxi erase email:ada@example.org --yes",
                              [&a] { return run_erase(a.common, a.privacy); });
    erase->add_option("id", a.privacy.ids, "Any id of the person; several people at once");
    erase->add_option("--from", a.privacy.from_file, "A file with one id a line");
    erase->add_flag("--yes,-y", a.privacy.yes, "Do not ask");
    CLI::App* check = command(
        "check", "Read the log from its first byte, rebuild everything and compare",
        "  guanxi check\n  guanxi check --erased --from erased.txt", [&a] {
          return a.check_erased ? run_check_erased(a.common, a.privacy) : run_check(a.common);
        });
    check->add_flag("--erased", a.check_erased,
                    "Look for people who were erased in every byte of the data folder");
    check->add_option("id", a.privacy.ids, "With --erased: ids to look for byte by byte");
    check->add_option("--from", a.privacy.from_file, "With --erased: a file with one id a line");
    command("snapshot", "Write the image to a file, so that the next start need not read the log",
            "  guanxi --data shop snapshot", [&a] { return run_snapshot(a.common); });
    CLI::App* backup = command("backup", "Copy the log into one file, while it is in use",
                               "  guanxi backup shop-2026-05-01.backup\n"
                               "  guanxi backup --access shop-2026-05-01.access",
                               [&a] { return run_backup(a.common, a.copy); });
    backup->add_option("file", a.copy.file, "The file to write; must not exist");
    backup->add_option("--access", a.copy.access,
                       "Copy users, keys and the audit trail too, into a file of their own");
    CLI::App* restore =
        command("restore", "Put a backup in the place of what the data folder holds",
                "  guanxi --data shop restore shop-2026-05-01.backup\n"
                "  guanxi --data shop restore --access shop-2026-05-01.access\n"
                "A log brings back no user and no key; --access does, as they were then.",
                [&a] { return run_restore(a.common, a.copy); });
    restore->add_option("file", a.copy.file, "A file made by backup");
    restore->add_option("--access", a.copy.access, "A file made by backup --access");
    restore->add_flag("--yes,-y", a.copy.yes, "Do not ask");
  }

  void add_privacy() {
    Arguments& a = arguments_;
    CLI::App* privacy =
        app_.add_subcommand("privacy", "What a person allows; their data to take along");
    privacy->require_subcommand(1);
    privacy->fallthrough();
    privacy->footer(
        "Examples:\n  guanxi privacy show 13085\n  guanxi privacy export 13085 13085.ndjson\n"
        "  guanxi privacy restrict 13085");
    add_id(under(*privacy, "show", "What they allow, and what they object to",
                 "  guanxi privacy show email:ada@example.org",
                 [&a] { return run_privacy_show(a.common, a.id); }),
           a.id);
    CLI::App* take =
        under(*privacy, "export", "Everything kept about them, and why they stand there",
              "  guanxi privacy export 13085 13085.ndjson\n"
              "  guanxi privacy export 13085 - | gzip > 13085.ndjson.gz",
              [&a] { return run_privacy_export(a.common, a.id, a.file); });
    add_id(take, a.id);
    take->add_option("file", a.file, "The file to write; -: stdout")->required();
    CLI::App* state = under(*privacy, "consent", "State what they allow or take back",
                            "  guanxi privacy consent 13085 marketing --given --channel email\n"
                            "  guanxi privacy consent 13085 profiling --withdrawn",
                            [&a] { return run_privacy_consent(a.common, a.consent); });
    add_id(state, a.consent.id);
    state->add_option("purpose", a.consent.purpose, "marketing, profiling, or one of your own")
        ->required();
    CLI::Option* given = state->add_flag("--given", a.consent.given, "They allow it");
    state->add_flag("--withdrawn", a.consent.withdrawn, "They take it back")->excludes(given);
    state->add_option("--channel", a.consent.channel, "Of this channel alone: email, sms ...");
    state->add_option("--text-version", a.consent.text_version, "Of what they were shown");
    state->add_option("--proof", a.consent.proof, "How it can be shown");
    add_restriction(*privacy, "restrict", "Only store their data from now on", false);
    add_restriction(*privacy, "lift", "Use their data again", true);
  }

  static void add_id(CLI::App* sub, std::string& id) {
    sub->add_option("id", id, "13085, user:13085, email:..., phone:...")->required();
  }

  void add_restriction(CLI::App& privacy, const std::string& name, const std::string& what,
                       bool given) {
    Arguments& a = arguments_;
    CLI::App* sub = under(privacy, name, what, "  guanxi privacy " + name + " 13085", [&a, given] {
      a.consent.purpose = "processing";
      a.consent.given = given;
      a.consent.withdrawn = !given;
      return run_privacy_consent(a.common, a.consent);
    });
    add_id(sub, a.consent.id);
    sub->add_option("--proof", a.consent.proof, "How it can be shown that they asked for it");
  }

  void add_letters() {
    Arguments& a = arguments_;
    CLI::App* letters =
        command("dead-letters", "What was refused, and why; send it again",
                "  guanxi dead-letters --limit 50\n  guanxi dead-letters resend 17\n"
                "  guanxi dead-letters resend 17 --with corrected.json\n"
                "  guanxi dead-letters resend --all",
                [&a] { return run_dead_letters(a.common, a.limit, a.offset); });
    letters->add_option("--limit", a.limit, "How many")->capture_default_str();
    letters->add_option("--offset", a.offset, "After how many")->capture_default_str();
    CLI::App* resend = under(*letters, "resend", "Send letters again, as they were or corrected",
                             "  guanxi dead-letters resend 17 --with corrected.json",
                             [&a] { return run_resend(a.common, a.resend); });
    resend->add_option("ids", a.resend.ids, "Ids of letters");
    resend->add_flag("--all", a.resend.all, "All that have not gone in yet");
    resend->add_option("--with", a.resend.with_file, "The corrected event as a JSON file");
  }

  void add_fit() {
    Arguments& a = arguments_;
    CLI::App* fit =
        command("fit", "Fit the models that predict who buys again, when and for how much",
                "  guanxi fit\n  guanxi fit --model bg_nbd\n  guanxi fit list",
                [&a] { return run_fit(a.common, a.name); });
    fit->add_option(
        "--model", a.name,
        "likeliest, bg_nbd, mbg_nbd, bg_cnbd_k or mbg_cnbd_k; likeliest when not given");
    under(*fit, "list", "What was fitted, newest first, and how far it moved",
          "  guanxi fit list --limit 5", [&a] { return run_fit_list(a.common, a.limit); })
        ->add_option("--limit", a.limit, "How many")
        ->capture_default_str();
  }

  void add_identities() {
    Arguments& a = arguments_;
    CLI::App* identities =
        command("identities", "Who is who: people who may be one; join them, part them",
                "  guanxi identities --limit 50\n  guanxi identities show 13085\n"
                "  guanxi identities same 13085 email:ada@example.org --note 'she said so'\n"
                "  guanxi identities apart 13085 email:ada@example.org\n"
                "  guanxi identities open 13085 email:ada@example.org",
                [&a] { return run_identities(a.common, a.limit); });
    identities->add_option("--limit", a.limit, "How many")->capture_default_str();
    under(*identities, "show", "One person's ids, and what says that they are one",
          "  guanxi identities show email:ada@example.org",
          [&a] { return run_identity_show(a.common, a.id); })
        ->add_option("id", a.id, "Any id of the person")
        ->required();
    under(*identities, "decisions", "Everything that was decided", "  guanxi identities decisions",
          [&a] { return run_identity_decisions(a.common); });
    using Kind = IdDecision::Kind;
    add_decision(*identities, Kind::same, "Two ids are one person", 2);
    add_decision(*identities, Kind::apart, "Two ids are not one person: undoes what joined them",
                 2);
    add_decision(*identities, Kind::open, "Take a decision back: what the events say counts", 0);
    add_decision(*identities, Kind::distrust, "An id is no key: it joins nobody", 1);
    add_decision(*identities, Kind::trust, "An id is a key, however many people it is seen with",
                 1);
  }

  // `ids` 0: one or two.
  void add_decision(CLI::App& identities, IdDecision::Kind kind, const std::string& what, int ids) {
    Arguments& a = arguments_;
    const std::string name(name_of(kind));
    CLI::App* sub = under(
        identities, name, what,
        "  guanxi identities " + name + (ids == 1 ? " device:till-1" : " 13085 email:a@x.org"),
        [&a, kind] {
          a.decision.kind = kind;
          a.decision.actor = "command line";
          return run_identity_decide(a.common, a.decision);
        });
    sub->add_option("first", a.decision.first_id, "An id")->required();
    if (ids != 1) {
      CLI::Option* second = sub->add_option("second", a.decision.second_id, "The other id");
      second->required(ids == 2);
    }
    sub->add_option("--note", a.decision.note, "Why");
  }

  void add_model() {
    Arguments& a = arguments_;
    CLI::App* model = app_.add_subcommand("model", "Show, check or change the relationship model");
    model->require_subcommand(1);
    model->fallthrough();
    CLI::App* show = under(*model, "show", "Print the active model, or a shipped one by name",
                           "  guanxi model show > draft.toml\n  guanxi model show subscription",
                           [&a] { return run_model_show(a.common, a.name); });
    show->add_option("name", a.name, "retail, subscription");
    CLI::App* check = under(*model, "check", "Say whether a model file is complete and valid",
                            "  guanxi model check draft.toml",
                            [&a] { return run_model_check(a.common, a.file); });
    check->add_option("file", a.file, "A model file")->required();
    CLI::App* use =
        under(*model, "use", "Make a model active, as a logged step; folds everyone",
              "  guanxi model use draft.toml", [&a] { return run_model_use(a.common, a.file); });
    use->add_option("file", a.file, "A model file")->required();
  }

  // A command below users or keys that changes the one that is named.
  template <typename Args>
  CLI::App* change(CLI::App& parent, const std::string& name, const std::string& what, Args& args,
                   typename Args::What does, int (*handler)(const Common&, const Args&)) {
    const Common& common = arguments_.common;
    CLI::App* sub = under(parent, name, what,
                          "  guanxi " + parent.get_name() + " " + name +
                              (parent.get_name() == "users" ? " ada" : " 'web shop'"),
                          [&args, &common, does, handler] {
                            args.what = does;
                            return handler(common, args);
                          });
    sub->add_option("name", args.name, "Which one")->required();
    return sub;
  }

  void add_users() {
    using What = UsersArgs::What;
    Arguments& a = arguments_;
    CLI::App* users = command(
        "users", "Who may log in, and as what",
        "  guanxi users\n  guanxi users add ada --role admin\n"
        "  guanxi users role ben analyst\n  guanxi users invite ben   # forgot the password",
        [&a] { return run_users(a.common, a.users); });
    CLI::App* add = change(*users, "add", "Add a user; prints a link that works once", a.users,
                           What::add, run_users);
    add->add_option("--role", a.users.role, "viewer, service, operator, analyst or admin")
        ->capture_default_str();
    add->add_flag("--password-stdin", a.users.password_stdin,
                  "Read the password from stdin instead of making a link");
    CLI::App* invite =
        change(*users, "invite", "A new link; the user's password, sessions and tokens end",
               a.users, What::invite, run_users);
    for (CLI::App* sub : {add, invite}) {
      sub->add_option("--url", a.users.url, "Where the page is, for the link")
          ->capture_default_str();
    }
    change(*users, "role", "Another role, at once", a.users, What::role, run_users)
        ->add_option("role", a.users.role, "viewer, service, operator, analyst or admin")
        ->required();
    change(*users, "disable", "Keep a user out, at once", a.users, What::disable, run_users);
    change(*users, "enable", "Let a user in again", a.users, What::enable, run_users);
  }

  void add_keys() {
    using What = KeysArgs::What;
    Arguments& a = arguments_;
    CLI::App* keys =
        command("keys", "Who may send events: sources and their write keys",
                "  guanxi keys\n  guanxi keys add 'web shop'\n"
                "  guanxi keys rotate 'web shop' --old-valid 48\n"
                "  guanxi keys add 'my shopify' --kind shopify --secret-stdin < secret\n"
                "  guanxi keys kinds   # what each kind of source has to be told\n"
                "  guanxi keys add 'orders topic' --kind kafka --set brokers=kafka:9092 "
                "--set topics=orders",
                [&a] { return run_keys(a.common, a.keys); });
    CLI::App* add =
        change(*keys, "add", "Add a source; shows its write key once", a.keys, What::add, run_keys);
    add->add_option("--kind", a.keys.kind,
                    "sdk, shopify, woocommerce, chatwoot, zendesk, stripe, custom_webhook, wecom, "
                    "kafka")
        ->capture_default_str();
    add->add_flag("--secret-stdin", a.keys.secret_stdin, "Read what it signs with from stdin");
    CLI::App* settings = change(*keys, "settings", "Show the settings of a source, or change them",
                                a.keys, What::settings, run_keys);
    for (CLI::App* sub : {add, settings}) {
      sub->add_option("--set", a.keys.set, "A setting; NAME= takes it away again")
          ->type_name("NAME=VALUE|NAME=@FILE");
    }
    under(*keys, "kinds", "What each kind of source has to be told", "  guanxi keys kinds", [&a] {
      a.keys.what = What::kinds;
      return run_keys(a.common, a.keys);
    });
    change(*keys, "rotate", "A new write key, shown once", a.keys, What::rotate, run_keys)
        ->add_option("--old-valid", a.keys.old_valid_hours, "For how many hours the old one works")
        ->capture_default_str();
    change(*keys, "secret", "What a webhook signs with, read from stdin", a.keys, What::secret,
           run_keys)
        ->add_flag("--forget-before", a.keys.forget_before, "Refuse the secret before it at once");
    change(*keys, "disable", "Refuse what a source sends", a.keys, What::disable, run_keys);
    change(*keys, "enable", "Take what it sends again", a.keys, What::enable, run_keys);
  }

  void add_tokens() {
    using What = TokensArgs::What;
    Arguments& a = arguments_;
    CLI::App* tokens =
        command("tokens", "Keys of users for programs that ask the API",
                "  guanxi tokens\n"
                "  guanxi tokens add ada 'nightly export' --may look,export --days 30\n"
                "  guanxi tokens end 5f1c2b9d0e3a4c77",
                [&a] { return run_tokens(a.common, a.tokens); });
    CLI::App* add =
        under(*tokens, "add", "A token of a user, shown once",
              "  guanxi tokens add ada 'nightly export' --may look,export --days 30", [&a] {
                a.tokens.what = What::add;
                return run_tokens(a.common, a.tokens);
              });
    add->add_option("user", a.tokens.user, "Whose")->required();
    add->add_option("name", a.tokens.name, "What it is for")->required();
    add->add_option("--may", a.tokens.may, "look, query, export ... (docs/api.md)")
        ->delimiter(',')
        ->required();
    add->add_option("--days", a.tokens.days, "Valid for so many days")
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{366}))
        ->capture_default_str();
    under(*tokens, "end", "Revoke a token, at once", "  guanxi tokens end 5f1c2b9d0e3a4c77",
          [&a] {
            a.tokens.what = What::end;
            return run_tokens(a.common, a.tokens);
          })
        ->add_option("id", a.tokens.id, "Its id")
        ->required();
  }

  void add_audit() {
    Arguments& a = arguments_;
    CLI::App* audit =
        command("audit", "Who did what: logins, refusals, looks at people, changes",
                "  guanxi audit --limit 20\n  guanxi audit --person email:ada@example.org\n"
                "  guanxi audit --user ben --from 2026-11-01\n  guanxi audit verify",
                [&a] { return run_audit(a.common, a.audit); });
    audit->add_option("--user", a.audit.user, "Only of this user");
    audit->add_option("--action", a.audit.action, "Only what begins so");
    audit->add_option("--person", a.audit.person, "Only what was done to this customer");
    audit->add_option("--from", a.audit.from, "From this day on (UTC)")->type_name("DATE");
    audit->add_option("--to", a.audit.to, "Up to this day (UTC)")->type_name("DATE");
    audit->add_option("--limit", a.audit.limit, "How many")->capture_default_str();
    CLI::App* verify = under(*audit, "verify", "Read the whole trail and check its chain",
                             "  guanxi audit verify\n  guanxi audit verify --known 120:5f3a...",
                             [&a] { return run_audit_verify(a.common, a.name); });
    verify->add_option("--known", a.name, "A head that was kept elsewhere")
        ->type_name("NUMBER:CHAIN");
  }

  void add_completion() {
    Arguments& a = arguments_;
    CLI::App* completion =
        command("completion", "Print a completion script for your shell",
                "  source <(guanxi completion bash)\n"
                "  guanxi completion zsh > ~/.zfunc/_guanxi\n"
                "  guanxi completion fish > ~/.config/fish/completions/guanxi.fish",
                [&a] {
                  print(completion_script(a.shell));
                  return 0;
                });
    completion->add_option("shell", a.shell, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  }

  CLI::App app_;
  Arguments arguments_;
  Run run_;
};

std::string words_of(const CLI::App& app) {
  std::string words;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    words += sub->get_name() + " ";
  }
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      words += "--" + name + " ";
    }
  }
  return words;
}

std::string bash_script(const CLI::App& app) {
  std::string text =
      "_guanxi() {\n  local cur=${COMP_WORDS[COMP_CWORD]} word command=\n"
      "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n    case $word in\n";
  std::string cases;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    text += "      " + sub->get_name() + ") command=$word; break ;;\n";
    cases += "    " + sub->get_name() + ") words='" + words_of(*sub) + "' ;;\n";
  }
  return text + "    esac\n  done\n  local words\n  case $command in\n" + cases + "    *) words='" +
         words_of(app) +
         "' ;;\n  esac\n  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
         "  [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- \"$cur\"))\n}\n"
         "complete -o filenames -F _guanxi guanxi\n";
}

std::string zsh_script(const CLI::App& app) {
  return "#compdef guanxi\nautoload -U +X bashcompinit && bashcompinit\n" + bash_script(app);
}

std::string fish_script(const CLI::App& app) {
  std::string text;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    std::string what = sub->get_description();
    std::replace(what.begin(), what.end(), '\'', ' ');
    text += "complete -c guanxi -n __fish_use_subcommand -a " + sub->get_name() + " -d '" + what +
            "'\n";
    for (const CLI::Option* option : sub->get_options()) {
      for (const std::string& name : option->get_lnames()) {
        text += "complete -c guanxi -n '__fish_seen_subcommand_from " + sub->get_name() + "' -l " +
                name + "\n";
      }
    }
  }
  return text;
}

}  // namespace

int run_command_line(int argc, const char* const* argv) {
  Program program;
  try {
    program.app().parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = program.app().exit(error);
    return code == 0 ? 0 : static_cast<int>(Exit::usage);
  }
  return program.run();
}

std::string completion_script(const std::string& shell) {
  Program program;
  return shell == "bash"  ? bash_script(program.app())
         : shell == "zsh" ? zsh_script(program.app())
                          : fish_script(program.app());
}

}  // namespace guanxi::app
