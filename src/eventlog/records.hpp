#pragma once

#include <cstdint>
#include <string>

#include "base/instant.hpp"

namespace guanxi {

/// What the log keeps beside events, in the same transactions.

/// An event that was refused: kept, listed, sent again.
struct DeadLetter {
  std::uint64_t id = 0;  ///< given by the log
  Instant received_at{};
  std::string source{};    ///< file or door
  std::uint64_t line = 0;  ///< 1-based; 0 none
  std::string field{};
  std::string reason{};
  std::string original{};
  Instant resent_at{};  ///< 0: not yet
};

/// Events that came while nobody could place them: durable, but in no batch yet.
struct WaitingEvents {
  std::uint64_t id = 0;  ///< given by the log
  std::string door{};
  std::uint64_t events = 0;
  std::string payload{};  ///< as in a batch of columns
};

/// How far the import of one file has come.
struct SourceRecord {
  std::string name{};  ///< what the user called it
  std::string key{};   ///< hash of content and mapping: what makes it the same import
  std::uint64_t rows = 0;
  std::uint64_t events = 0;  ///< read from it
  std::uint64_t added = 0;   ///< of these new to the log
  std::uint64_t repeated = 0;
  std::uint64_t refused = 0;
  Instant started_at{};
  Instant finished_at{};  ///< 0: interrupted or still running
};

/// What somebody decided about who is who: link_rules.hpp in people/.
struct DecisionRecord {
  std::uint64_t number = 0;  ///< given by the log
  Instant decided_at{};
  std::string kind{};       ///< "same", "apart", "open", "distrust", "trust"
  std::string first_id{};   ///< "user:u-1"
  std::string second_id{};  ///< empty for decisions about one id
  std::string actor{};      ///< who decided
  std::string note{};       ///< why, in their words
};

/// What a fit of the models that predict came to: the event `Parameters Fitted`, of nobody. Holds
/// sums and parameters, nothing of one person.
struct FitRecord {
  std::uint64_t number = 0;  ///< given by the log
  Instant fitted_at{};
  Day as_of{};               ///< the last day that was known
  bool used = false;         ///< false: it came to nothing, and the parameters say why
  std::string cause{};       ///< "daily", "asked"
  std::string actor{};       ///< who asked; empty: the server itself
  std::string data_hash{};   ///< 32 hex digits over the collapsed histories
  std::string parameters{};  ///< JSON: docs/models/value.md
};

/// A model made active, as a step of its own in the log.
struct ModelStep {
  std::uint64_t id = 0;  ///< given by the log
  Instant activated_at{};
  std::string name{};
  std::string version{};
  std::string hash{};  ///< hex
  std::string toml{};
  std::string calibration{};  ///< JSON
  std::string cause{};        ///< "import", "use"
};

}  // namespace guanxi
