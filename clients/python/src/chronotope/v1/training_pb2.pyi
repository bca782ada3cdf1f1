from chronotope.v1 import common_pb2 as _common_pb2
from chronotope.v1 import ingest_pb2 as _ingest_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

CANCELLED: RunState
DESCRIPTOR: _descriptor.FileDescriptor
FAILED: RunState
HALVING: SearchMethod
QUEUED: RunState
RANDOM: SearchMethod
RUNNING: RunState
RUN_STATE_UNKNOWN: RunState
SEARCH_METHOD_UNKNOWN: SearchMethod
SUCCEEDED: RunState

class AliasHistoryReply(_message.Message):
    __slots__ = ["moves"]
    MOVES_FIELD_NUMBER: _ClassVar[int]
    moves: _containers.RepeatedCompositeFieldContainer[AliasMove]
    def __init__(self, moves: _Optional[_Iterable[_Union[AliasMove, _Mapping]]] = ...) -> None: ...

class AliasHistoryRequest(_message.Message):
    __slots__ = ["alias", "limit"]
    ALIAS_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    alias: str
    limit: int
    def __init__(self, alias: _Optional[str] = ..., limit: _Optional[int] = ...) -> None: ...

class AliasMove(_message.Message):
    __slots__ = ["alias", "from_version", "generation", "moved_ms", "to_version", "who", "why"]
    ALIAS_FIELD_NUMBER: _ClassVar[int]
    FROM_VERSION_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    MOVED_MS_FIELD_NUMBER: _ClassVar[int]
    TO_VERSION_FIELD_NUMBER: _ClassVar[int]
    WHO_FIELD_NUMBER: _ClassVar[int]
    WHY_FIELD_NUMBER: _ClassVar[int]
    alias: str
    from_version: int
    generation: int
    moved_ms: int
    to_version: int
    who: str
    why: str
    def __init__(self, moved_ms: _Optional[int] = ..., alias: _Optional[str] = ..., from_version: _Optional[int] = ..., to_version: _Optional[int] = ..., who: _Optional[str] = ..., why: _Optional[str] = ..., generation: _Optional[int] = ...) -> None: ...

class AliasReply(_message.Message):
    __slots__ = ["alias", "generation", "previous_version", "version"]
    ALIAS_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_VERSION_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    alias: str
    generation: int
    previous_version: int
    version: int
    def __init__(self, alias: _Optional[str] = ..., version: _Optional[int] = ..., previous_version: _Optional[int] = ..., generation: _Optional[int] = ...) -> None: ...

class BaselineMetrics(_message.Message):
    __slots__ = ["metrics", "name"]
    METRICS_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    metrics: _containers.RepeatedCompositeFieldContainer[Metric]
    name: str
    def __init__(self, name: _Optional[str] = ..., metrics: _Optional[_Iterable[_Union[Metric, _Mapping]]] = ...) -> None: ...

class CancelRunRequest(_message.Message):
    __slots__ = ["id"]
    ID_FIELD_NUMBER: _ClassVar[int]
    id: int
    def __init__(self, id: _Optional[int] = ...) -> None: ...

class CheckDataReply(_message.Message):
    __slots__ = ["blockers", "events", "items", "ledger", "users"]
    BLOCKERS_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    LEDGER_FIELD_NUMBER: _ClassVar[int]
    USERS_FIELD_NUMBER: _ClassVar[int]
    blockers: _containers.RepeatedScalarFieldContainer[str]
    events: int
    items: int
    ledger: _containers.RepeatedCompositeFieldContainer[_ingest_pb2.RuleCount]
    users: int
    def __init__(self, events: _Optional[int] = ..., users: _Optional[int] = ..., items: _Optional[int] = ..., ledger: _Optional[_Iterable[_Union[_ingest_pb2.RuleCount, _Mapping]]] = ..., blockers: _Optional[_Iterable[str]] = ...) -> None: ...

class CheckDataRequest(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class CollectGarbageReply(_message.Message):
    __slots__ = ["removed"]
    REMOVED_FIELD_NUMBER: _ClassVar[int]
    removed: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, removed: _Optional[_Iterable[int]] = ...) -> None: ...

class CollectGarbageRequest(_message.Message):
    __slots__ = ["keep_last"]
    KEEP_LAST_FIELD_NUMBER: _ClassVar[int]
    keep_last: int
    def __init__(self, keep_last: _Optional[int] = ...) -> None: ...

class GetRunRequest(_message.Message):
    __slots__ = ["id"]
    ID_FIELD_NUMBER: _ClassVar[int]
    id: int
    def __init__(self, id: _Optional[int] = ...) -> None: ...

class ListRunsReply(_message.Message):
    __slots__ = ["runs"]
    RUNS_FIELD_NUMBER: _ClassVar[int]
    runs: _containers.RepeatedCompositeFieldContainer[Run]
    def __init__(self, runs: _Optional[_Iterable[_Union[Run, _Mapping]]] = ...) -> None: ...

class ListRunsRequest(_message.Message):
    __slots__ = ["limit"]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    limit: int
    def __init__(self, limit: _Optional[int] = ...) -> None: ...

class ListVersionsReply(_message.Message):
    __slots__ = ["alias_generation", "versions"]
    ALIAS_GENERATION_FIELD_NUMBER: _ClassVar[int]
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    alias_generation: int
    versions: _containers.RepeatedCompositeFieldContainer[Version]
    def __init__(self, versions: _Optional[_Iterable[_Union[Version, _Mapping]]] = ..., alias_generation: _Optional[int] = ...) -> None: ...

class ListVersionsRequest(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class Metric(_message.Message):
    __slots__ = ["name", "value"]
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: float
    def __init__(self, name: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...

class MinePatternsRequest(_message.Message):
    __slots__ = ["alias", "settings", "threads", "version"]
    ALIAS_FIELD_NUMBER: _ClassVar[int]
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    THREADS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    alias: str
    settings: _containers.RepeatedCompositeFieldContainer[Setting]
    threads: int
    version: int
    def __init__(self, version: _Optional[int] = ..., alias: _Optional[str] = ..., settings: _Optional[_Iterable[_Union[Setting, _Mapping]]] = ..., threads: _Optional[int] = ...) -> None: ...

class PatternMining(_message.Message):
    __slots__ = ["is_alone", "patterns", "problem", "seconds", "tests"]
    IS_ALONE_FIELD_NUMBER: _ClassVar[int]
    PATTERNS_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    SECONDS_FIELD_NUMBER: _ClassVar[int]
    TESTS_FIELD_NUMBER: _ClassVar[int]
    is_alone: bool
    patterns: int
    problem: str
    seconds: float
    tests: int
    def __init__(self, is_alone: bool = ..., patterns: _Optional[int] = ..., tests: _Optional[int] = ..., seconds: _Optional[float] = ..., problem: _Optional[str] = ...) -> None: ...

class PinVersionRequest(_message.Message):
    __slots__ = ["is_pinned", "version"]
    IS_PINNED_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    is_pinned: bool
    version: int
    def __init__(self, version: _Optional[int] = ..., is_pinned: bool = ...) -> None: ...

class RollbackRequest(_message.Message):
    __slots__ = ["alias", "who", "why"]
    ALIAS_FIELD_NUMBER: _ClassVar[int]
    WHO_FIELD_NUMBER: _ClassVar[int]
    WHY_FIELD_NUMBER: _ClassVar[int]
    alias: str
    who: str
    why: str
    def __init__(self, alias: _Optional[str] = ..., who: _Optional[str] = ..., why: _Optional[str] = ...) -> None: ...

class Run(_message.Message):
    __slots__ = ["baselines", "best_trial", "created_ms", "curves", "data_end_offset", "ended_ms", "error", "family", "graph", "id", "ledger", "metrics", "mining", "progress", "remedy", "resumptions", "revision", "search", "seconds_left", "seed", "settings", "stage", "started_ms", "state", "trials", "trigger", "version", "warm_outcome", "warm_start"]
    BASELINES_FIELD_NUMBER: _ClassVar[int]
    BEST_TRIAL_FIELD_NUMBER: _ClassVar[int]
    CREATED_MS_FIELD_NUMBER: _ClassVar[int]
    CURVES_FIELD_NUMBER: _ClassVar[int]
    DATA_END_OFFSET_FIELD_NUMBER: _ClassVar[int]
    ENDED_MS_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    FAMILY_FIELD_NUMBER: _ClassVar[int]
    GRAPH_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    LEDGER_FIELD_NUMBER: _ClassVar[int]
    METRICS_FIELD_NUMBER: _ClassVar[int]
    MINING_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    REMEDY_FIELD_NUMBER: _ClassVar[int]
    RESUMPTIONS_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    SEARCH_FIELD_NUMBER: _ClassVar[int]
    SECONDS_LEFT_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    STARTED_MS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    TRIALS_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    WARM_OUTCOME_FIELD_NUMBER: _ClassVar[int]
    WARM_START_FIELD_NUMBER: _ClassVar[int]
    baselines: _containers.RepeatedCompositeFieldContainer[BaselineMetrics]
    best_trial: int
    created_ms: int
    curves: _containers.RepeatedCompositeFieldContainer[TrainingCurve]
    data_end_offset: int
    ended_ms: int
    error: str
    family: str
    graph: _containers.RepeatedCompositeFieldContainer[_ingest_pb2.RuleCount]
    id: int
    ledger: _containers.RepeatedCompositeFieldContainer[_ingest_pb2.RuleCount]
    metrics: _containers.RepeatedCompositeFieldContainer[Metric]
    mining: PatternMining
    progress: float
    remedy: str
    resumptions: int
    revision: int
    search: Search
    seconds_left: int
    seed: int
    settings: _containers.RepeatedCompositeFieldContainer[Setting]
    stage: str
    started_ms: int
    state: RunState
    trials: _containers.RepeatedCompositeFieldContainer[SearchTrial]
    trigger: str
    version: int
    warm_outcome: WarmOutcome
    warm_start: WarmStart
    def __init__(self, id: _Optional[int] = ..., state: _Optional[_Union[RunState, str]] = ..., family: _Optional[str] = ..., seed: _Optional[int] = ..., settings: _Optional[_Iterable[_Union[Setting, _Mapping]]] = ..., created_ms: _Optional[int] = ..., started_ms: _Optional[int] = ..., ended_ms: _Optional[int] = ..., stage: _Optional[str] = ..., progress: _Optional[float] = ..., seconds_left: _Optional[int] = ..., version: _Optional[int] = ..., error: _Optional[str] = ..., remedy: _Optional[str] = ..., metrics: _Optional[_Iterable[_Union[Metric, _Mapping]]] = ..., baselines: _Optional[_Iterable[_Union[BaselineMetrics, _Mapping]]] = ..., ledger: _Optional[_Iterable[_Union[_ingest_pb2.RuleCount, _Mapping]]] = ..., graph: _Optional[_Iterable[_Union[_ingest_pb2.RuleCount, _Mapping]]] = ..., revision: _Optional[int] = ..., data_end_offset: _Optional[int] = ..., trigger: _Optional[str] = ..., resumptions: _Optional[int] = ..., search: _Optional[_Union[Search, _Mapping]] = ..., trials: _Optional[_Iterable[_Union[SearchTrial, _Mapping]]] = ..., best_trial: _Optional[int] = ..., warm_start: _Optional[_Union[WarmStart, _Mapping]] = ..., warm_outcome: _Optional[_Union[WarmOutcome, _Mapping]] = ..., mining: _Optional[_Union[PatternMining, _Mapping]] = ..., curves: _Optional[_Iterable[_Union[TrainingCurve, _Mapping]]] = ...) -> None: ...

class Search(_message.Message):
    __slots__ = ["budget_seconds", "method", "ranges", "trials"]
    BUDGET_SECONDS_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    RANGES_FIELD_NUMBER: _ClassVar[int]
    TRIALS_FIELD_NUMBER: _ClassVar[int]
    budget_seconds: int
    method: SearchMethod
    ranges: _containers.RepeatedCompositeFieldContainer[SettingRange]
    trials: int
    def __init__(self, method: _Optional[_Union[SearchMethod, str]] = ..., trials: _Optional[int] = ..., budget_seconds: _Optional[int] = ..., ranges: _Optional[_Iterable[_Union[SettingRange, _Mapping]]] = ...) -> None: ...

class SearchTrial(_message.Message):
    __slots__ = ["error", "metric", "number", "passes", "rung", "seconds", "settings"]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    METRIC_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    PASSES_FIELD_NUMBER: _ClassVar[int]
    RUNG_FIELD_NUMBER: _ClassVar[int]
    SECONDS_FIELD_NUMBER: _ClassVar[int]
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    error: str
    metric: float
    number: int
    passes: int
    rung: int
    seconds: float
    settings: _containers.RepeatedCompositeFieldContainer[Setting]
    def __init__(self, number: _Optional[int] = ..., rung: _Optional[int] = ..., settings: _Optional[_Iterable[_Union[Setting, _Mapping]]] = ..., passes: _Optional[int] = ..., metric: _Optional[float] = ..., seconds: _Optional[float] = ..., error: _Optional[str] = ...) -> None: ...

class SetAliasRequest(_message.Message):
    __slots__ = ["alias", "expected_generation", "version", "who", "why"]
    ALIAS_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_GENERATION_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    WHO_FIELD_NUMBER: _ClassVar[int]
    WHY_FIELD_NUMBER: _ClassVar[int]
    alias: str
    expected_generation: int
    version: int
    who: str
    why: str
    def __init__(self, alias: _Optional[str] = ..., version: _Optional[int] = ..., who: _Optional[str] = ..., why: _Optional[str] = ..., expected_generation: _Optional[int] = ...) -> None: ...

class Setting(_message.Message):
    __slots__ = ["name", "value"]
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: str
    def __init__(self, name: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...

class SettingRange(_message.Message):
    __slots__ = ["high", "is_logarithmic", "low", "name"]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    IS_LOGARITHMIC_FIELD_NUMBER: _ClassVar[int]
    LOW_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    high: float
    is_logarithmic: bool
    low: float
    name: str
    def __init__(self, name: _Optional[str] = ..., low: _Optional[float] = ..., high: _Optional[float] = ..., is_logarithmic: bool = ...) -> None: ...

class StartRunRequest(_message.Message):
    __slots__ = ["aliases", "family", "publish_below_baseline", "search", "seed", "settings", "skip_patterns", "threads", "warm_start"]
    ALIASES_FIELD_NUMBER: _ClassVar[int]
    FAMILY_FIELD_NUMBER: _ClassVar[int]
    PUBLISH_BELOW_BASELINE_FIELD_NUMBER: _ClassVar[int]
    SEARCH_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    SKIP_PATTERNS_FIELD_NUMBER: _ClassVar[int]
    THREADS_FIELD_NUMBER: _ClassVar[int]
    WARM_START_FIELD_NUMBER: _ClassVar[int]
    aliases: _containers.RepeatedScalarFieldContainer[str]
    family: str
    publish_below_baseline: bool
    search: Search
    seed: int
    settings: _containers.RepeatedCompositeFieldContainer[Setting]
    skip_patterns: bool
    threads: int
    warm_start: WarmStart
    def __init__(self, family: _Optional[str] = ..., seed: _Optional[int] = ..., settings: _Optional[_Iterable[_Union[Setting, _Mapping]]] = ..., aliases: _Optional[_Iterable[str]] = ..., threads: _Optional[int] = ..., publish_below_baseline: bool = ..., search: _Optional[_Union[Search, _Mapping]] = ..., warm_start: _Optional[_Union[WarmStart, _Mapping]] = ..., skip_patterns: bool = ...) -> None: ...

class TrainingCurve(_message.Message):
    __slots__ = ["fit", "passes"]
    FIT_FIELD_NUMBER: _ClassVar[int]
    PASSES_FIELD_NUMBER: _ClassVar[int]
    fit: str
    passes: _containers.RepeatedCompositeFieldContainer[TrainingPass]
    def __init__(self, fit: _Optional[str] = ..., passes: _Optional[_Iterable[_Union[TrainingPass, _Mapping]]] = ...) -> None: ...

class TrainingPass(_message.Message):
    __slots__ = ["loss", "number", "validation_loss", "validation_mrr"]
    LOSS_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    VALIDATION_LOSS_FIELD_NUMBER: _ClassVar[int]
    VALIDATION_MRR_FIELD_NUMBER: _ClassVar[int]
    loss: float
    number: int
    validation_loss: _common_pb2.Value
    validation_mrr: _common_pb2.Value
    def __init__(self, number: _Optional[int] = ..., loss: _Optional[float] = ..., validation_loss: _Optional[_Union[_common_pb2.Value, _Mapping]] = ..., validation_mrr: _Optional[_Union[_common_pb2.Value, _Mapping]] = ...) -> None: ...

class Version(_message.Message):
    __slots__ = ["aliases", "baselines", "byte_count", "created_ms", "damage", "data_end_offset", "family", "is_pinned", "metrics", "number", "parent", "seed"]
    ALIASES_FIELD_NUMBER: _ClassVar[int]
    BASELINES_FIELD_NUMBER: _ClassVar[int]
    BYTE_COUNT_FIELD_NUMBER: _ClassVar[int]
    CREATED_MS_FIELD_NUMBER: _ClassVar[int]
    DAMAGE_FIELD_NUMBER: _ClassVar[int]
    DATA_END_OFFSET_FIELD_NUMBER: _ClassVar[int]
    FAMILY_FIELD_NUMBER: _ClassVar[int]
    IS_PINNED_FIELD_NUMBER: _ClassVar[int]
    METRICS_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    PARENT_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    aliases: _containers.RepeatedScalarFieldContainer[str]
    baselines: _containers.RepeatedCompositeFieldContainer[BaselineMetrics]
    byte_count: int
    created_ms: int
    damage: str
    data_end_offset: int
    family: str
    is_pinned: bool
    metrics: _containers.RepeatedCompositeFieldContainer[Metric]
    number: int
    parent: int
    seed: int
    def __init__(self, number: _Optional[int] = ..., family: _Optional[str] = ..., created_ms: _Optional[int] = ..., seed: _Optional[int] = ..., aliases: _Optional[_Iterable[str]] = ..., is_pinned: bool = ..., byte_count: _Optional[int] = ..., data_end_offset: _Optional[int] = ..., metrics: _Optional[_Iterable[_Union[Metric, _Mapping]]] = ..., baselines: _Optional[_Iterable[_Union[BaselineMetrics, _Mapping]]] = ..., damage: _Optional[str] = ..., parent: _Optional[int] = ...) -> None: ...

class WarmOutcome(_message.Message):
    __slots__ = ["depth", "fallback", "full", "recorded", "warm"]
    DEPTH_FIELD_NUMBER: _ClassVar[int]
    FALLBACK_FIELD_NUMBER: _ClassVar[int]
    FULL_FIELD_NUMBER: _ClassVar[int]
    RECORDED_FIELD_NUMBER: _ClassVar[int]
    WARM_FIELD_NUMBER: _ClassVar[int]
    depth: int
    fallback: str
    full: float
    recorded: float
    warm: float
    def __init__(self, warm: _Optional[float] = ..., full: _Optional[float] = ..., recorded: _Optional[float] = ..., fallback: _Optional[str] = ..., depth: _Optional[int] = ...) -> None: ...

class WarmStart(_message.Message):
    __slots__ = ["full_fit_every", "max_loss", "version"]
    FULL_FIT_EVERY_FIELD_NUMBER: _ClassVar[int]
    MAX_LOSS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    full_fit_every: int
    max_loss: float
    version: int
    def __init__(self, version: _Optional[int] = ..., max_loss: _Optional[float] = ..., full_fit_every: _Optional[int] = ...) -> None: ...

class WatchRunRequest(_message.Message):
    __slots__ = ["after_revision", "id", "wait_ms"]
    AFTER_REVISION_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    WAIT_MS_FIELD_NUMBER: _ClassVar[int]
    after_revision: int
    id: int
    wait_ms: int
    def __init__(self, id: _Optional[int] = ..., after_revision: _Optional[int] = ..., wait_ms: _Optional[int] = ...) -> None: ...

class SearchMethod(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class RunState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []
