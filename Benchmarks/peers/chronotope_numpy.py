"""The chronotope model in NumPy: what one would write to serve it from Python.

Reads a version of the model store and scores every item for a question, vectorised over items and
over the user's events; what depends on no question is computed once, at the start. It follows
Sources/Core/Models (ChronotopeField, ChronotopeScorer) and gives the same scores up to rounding.
"""

import json
import pathlib

import numpy as np
import s2sphere

F = np.float32
DAY = 86_400.0
EARTH_METERS = 6_371_010.0
CELL_LEVEL = 13

# (part or table, spacing of the knots, knots, whether 0 at 0), in the order of the gates' outputs.
VISIT, STEP, LINK = (2.5, 6, True), (2.5, 6, True), (1.5, 6, True)
SPARSE = [VISIT] * 10 + [(1.5, 10, True), (1, 9, True)] + [STEP] * 6 + [LINK] * 3 + \
    [(1, 11, True), (2, 7, True), (2, 7, True)]
CATEGORY = [VISIT, VISIT, (2, 6, False), (2, 6, False)]
CELL = [VISIT, VISIT, (3, 6, True), (1.5, 6, True)]
DENSE = [(2.5, 7, False), (2.5, 7, False), (2, 6, False), (1.25, 9, False), (1.25, 9, False),
         (2.5, 7, False), (1, 11, False)]
KERNELS = [(2.5, 7, True)] * 8
LINEAR_COUNT = 4

# Buckets of what the memory kernels tell events apart by.
AGE = np.array([0.04, 0.125, 0.3, 0.7, 1.3, 2.5, 4.5, 7.5, 14.5, 30, 60, 100], F)
GAP = np.array([0.5, 1, 2, 4, 8, 14, 24], F)
GAP_LIKENESS = np.array([0.25, 0.5, 1, 1.5, 2.5], F)
DISTANCE = np.array([50, 200, 500, 1_000, 2_000, 5_000], F)
SOURCE_CLOCK = np.array([4, 8, 16, 28], F)
BUCKETS = [13, 24, 3, 5, 3, 8, 2, 8, 6, 8, 7, 2, 8]
OFFSETS = np.concatenate([[0], np.cumsum(BUCKETS)]).astype(np.int64)
SOURCE_FEATURE, ACTION_FEATURE = 7, 12
GATE_INPUTS, GATE_HIDDEN = 15, 24


def read_tensors(path):
    """The tensors of a safetensors file by name."""
    bytes_ = pathlib.Path(path).read_bytes()
    length = int.from_bytes(bytes_[:8], "little")
    header = json.loads(bytes_[8:8 + length])
    kinds = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I32": "<i4", "I64": "<i8", "U64": "<u8",
             "U8": "u1"}
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            start, end = entry["data_offsets"]
            part = bytes_[8 + length + start:8 + length + end]
            tensors[name] = np.frombuffer(part, kinds[entry["dtype"]]).reshape(entry["shape"])
    return tensors


def strings(tensors, name):
    bytes_, offsets = tensors[name + ".bytes"].tobytes(), tensors[name + ".offsets"]
    return [bytes_[start:end].decode() for start, end in zip(offsets, offsets[1:])]


def fast_log2(number):
    """log2 within 1e-4, the polynomial that the model was trained with."""
    bits = np.ascontiguousarray(number, F).view(np.int32)
    exponent = ((bits >> 23) - 127).astype(F)
    m = ((bits & 0x7FFFFF) | 0x3F800000).view(F)
    polynomial = F(-2.5128774) + (F(4.0701350) + (F(-2.1206994) + (F(0.64514372) - F(0.08161449) * m)
                                                 * m) * m) * m
    return exponent + np.maximum(F(0), polynomial)


def log_count(sums):
    return np.where(sums > 0, fast_log2(1 + sums * F(50)), F(0))


def lift(count, total, share, prior):
    return np.maximum(F(0), 5 + fast_log2((count + prior * share) / ((total + prior) * share)))


def gaussian(count, sigma):
    quarters = np.arange(count)
    hours = np.minimum(quarters, count - quarters) / 4
    return np.exp(-hours * hours / (2 * sigma * sigma)).astype(F)


def unit_vectors(degrees):
    latitude, longitude = np.radians(degrees[..., 0]), np.radians(degrees[..., 1])
    return np.stack([np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude),
                     np.sin(latitude)], -1).astype(F)


class Links:
    """Weighted links of each row to others."""

    def __init__(self, tensors, name):
        self.totals = tensors[name + ".totals"]
        self.offsets = tensors[name + ".offsets"]
        self.targets = tensors[name + ".targets"]
        self.weights = tensors[name + ".weights"]

    def row(self, source):
        own = slice(self.offsets[source], self.offsets[source + 1])
        return self.targets[own], self.weights[own]


class Splines:
    """Sums of piecewise linear functions, of one table of positions each."""

    def __init__(self, features, start):
        self.scale = np.array([1 / F(spacing) for spacing, _, _ in features], F)
        self.last = np.array([count - 1 for _, count, _ in features], F)
        self.anchored = np.array([anchored for _, _, anchored in features])
        counts = [count for _, count, _ in features]
        self.offset = start + np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64)
        self.end = start + sum(counts)

    def sums(self, positions, weights):
        """Shape [rows], of positions [rows, features]."""
        scaled = np.clip(positions * self.scale, 0, self.last)
        knot = np.minimum(scaled.astype(np.int64), self.last.astype(np.int64) - 1)
        low = weights[self.offset + knot]
        values = low + (scaled - knot) * (weights[self.offset + knot + 1] - low)
        silent = (positions < 0) | ((positions <= 0) & self.anchored)
        return np.where(silent, F(0), values).sum(1, dtype=F)

    def column(self, index, positions, weights):
        """Of one feature, shape [items]; 0 where a position is negative."""
        knots = weights[self.offset[index]:self.offset[index] + int(self.last[index]) + 1]
        at = np.arange(len(knots), dtype=F) / self.scale[index]
        return np.where(positions < 0, F(0), np.interp(positions, at, knots).astype(F))


class Head:
    """The gates, biases and memory kernels for one kind of question."""

    def __init__(self, parameters, item_count, category_count):
        layout = Layout()
        outputs = layout.output_count
        kernels = parameters[-OFFSETS[-1] * 8:].reshape(OFFSETS[-1], 8).copy()
        # Kernels of memory do not look at what an event followed; the first action is the reference.
        kernels[OFFSETS[SOURCE_FEATURE]:OFFSETS[ACTION_FEATURE], :4] = 0
        kernels[OFFSETS[ACTION_FEATURE]] = 0
        self.kernels = kernels
        rest = parameters[:-OFFSETS[-1] * 8]
        self.bias = rest[-item_count:]
        gates, at = rest[:-item_count], 0

        def take(*shape):
            nonlocal at
            count = int(np.prod(shape))
            at += count
            return gates[at - count:at].reshape(shape)

        self.hidden = take(GATE_HIDDEN, GATE_INPUTS)
        self.hidden_bias = take(GATE_HIDDEN)
        self.output = take(outputs, GATE_HIDDEN)
        self.output_bias = take(outputs)
        self.category = take(category_count, GATE_HIDDEN)

    def weights(self, inputs, category):
        hidden = np.tanh(self.hidden @ inputs + self.hidden_bias + self.category[category])
        weights = self.output @ hidden + self.output_bias
        weights[Layout().anchors] = 0
        return weights


class Layout:
    """Where each table's splines lie among the outputs of the gates."""

    _shared = None

    def __new__(cls):
        if cls._shared is None:
            cls._shared = super().__new__(cls)
            cls._shared.make()
        return cls._shared

    def make(self):
        at = 0
        self.anchors = []
        for name, features in (("sparse", SPARSE), ("category", CATEGORY), ("cell", CELL),
                               ("dense", DENSE), ("kernels", KERNELS)):
            splines = Splines(features, at)
            setattr(self, name, splines)
            self.anchors += list(splines.offset[splines.anchored])
            at = splines.end
        self.linear = np.arange(at, at + LINEAR_COUNT)
        self.output_count = at + LINEAR_COUNT


class History:
    """A user's events, oldest first."""

    def __init__(self, items, actions, offsets, instants):
        self.items, self.actions, self.offsets, self.instants = items, actions, offsets, instants

    def __len__(self):
        return len(self.items)


class Model:
    """A version of the store, for questions that name the time."""

    def __init__(self, folder):
        folder = pathlib.Path(folder)
        items = read_tensors(folder / "items.safetensors")
        tensors = read_tensors(folder / "model.safetensors")
        settings = json.loads((folder / "manifest.json").read_text())["config"]["settings"]
        if settings.get("target-actions"):
            raise SystemExit("models with target actions are not served here")
        self.ids = strings(items, "items.id")
        self.categories = strings(items, "categories.id")
        count = self.item_count = len(self.ids)
        self.embeddings = items["items.embedding"]
        self.gather = tensors["items.gather_scale"]
        category = items["items.category"]
        self.no_category = len(self.categories)
        self.category = np.where(category < 0, self.no_category, category).astype(np.int64)
        degrees = items["items.place"].view(np.float64)[:, :2]
        self.placed = ~np.isnan(degrees[:, 0])
        self.degrees = np.where(self.placed[:, None], degrees, 0)
        self.points = np.where(self.placed[:, None], unit_vectors(self.degrees), F(0))
        self.points4 = np.concatenate([self.points, self.placed[:, None].astype(F)], 1)
        cells = [s2sphere.CellId.from_lat_lng(s2sphere.LatLng.from_degrees(*place))
                 .parent(CELL_LEVEL).id() if known else None
                 for place, known in zip(self.degrees, self.placed)]
        rows = {cell: row for row, cell in enumerate(sorted({c for c in cells if c is not None}))}
        self.no_cell = len(rows)
        self.cell = np.array([rows.get(cell, self.no_cell) for cell in cells])
        self.read_statistics(tensors)
        self.head = Head(tensors["head.time_given"], count, self.no_category + 1)
        self.layout = Layout()
        self.narrow, self.medium, self.wide = (gaussian(96, sigma) for sigma in (0.7, 1.5, 3))
        self.around, self.week = gaussian(96, 1.5), gaussian(672, 1.5)
        self.read_users(folder)

    def read_statistics(self, tensors):
        s = {name.removeprefix("statistics."): tensor for name, tensor in tensors.items()}
        self.total_log, self.event_count = s["totals"]
        self.item_ever = s["item_count"]
        count = self.item_count
        self.popularity = np.maximum(
            F(0), s["item_log2"] + F(np.log2(F(count)) + 5 - self.total_log))
        self.popularity_ever = fast_log2(1 + self.item_ever * F(20 * count / self.event_count))
        self.cell_popularity = np.maximum(
            F(0), s["cell_log2"] + F(np.log2(F(self.no_cell + 1)) + 5 - self.total_log))
        self.category_count = s["category_count"]
        # Lifts by slot, of items and of categories.
        by_category, by_item = s["slot_categories"], s["slot_items"]
        totals = by_category.sum(1)
        shares = totals / max(F(1), self.event_count)
        self.slot_items = [lift(row, self.item_ever, share, F(5)) if share > 0
                           else np.full(count, F(-1)) for row, share in zip(by_item, shares)]
        self.slot_categories = [lift(row, self.category_count, share, F(20)) if share > 0
                                else np.full(len(row), F(-1))
                                for row, share in zip(by_category, shares)]
        self.item_links = Links(tensors, "statistics.item_links")
        self.category_links = Links(tensors, "statistics.category_links")
        self.cell_links = Links(tensors, "statistics.cell_links")

    def read_users(self, folder):
        self.histories = {}
        for path in sorted(folder.glob("users-*.safetensors")):
            tensors = read_tensors(path)
            offsets = tensors["history.offsets"]
            for user, start, end in zip(strings(tensors, "users.id"), offsets, offsets[1:]):
                own = slice(start, end)
                self.histories[user] = History(
                    tensors["history.item"][own].astype(np.int64), tensors["history.action"][own],
                    tensors["history.utc_offset_minutes"][own], tensors["history.instant_ms"][own])

    @staticmethod
    def quarters(instants, offsets):
        seconds = instants // 1_000 + offsets * 60 + 3 * 86_400
        return (seconds % (7 * 86_400)) // 900

    def scores(self, user, instant, offset, place):
        """Of every item, for a user at an instant (milliseconds) and a place (degrees or None)."""
        h = self.histories[user]
        quarter = int(self.quarters(np.int64(instant), np.int64(offset)))
        hour, weekend = quarter // 4 % 24, quarter >= 5 * 96
        slot = hour + (24 if weekend else 0)
        quarters = self.quarters(h.instants, h.offsets.astype(np.int64))
        ages = np.maximum(0, (instant - h.instants) / 1_000 / DAY).astype(F)
        gaps = np.diff(h.instants) / 1_000
        ordered = len(h) == 1 or h.instants[0] < h.instants[-1]
        rows_of, first, row = np.unique(h.items, return_index=True, return_inverse=True)
        columns, category, cell, weights, centre = self.visits(
            h, ages, quarters, quarter, weekend, row, len(rows_of))
        if ordered:
            self.own_steps(columns, h, ages, gaps, quarters, instant, row)
        columns = log_count(columns)
        if ordered:
            self.recency(columns, h, instant, rows_of)
        inputs = self.gate_inputs(h, quarter, weekend, instant, gaps, ordered)
        last = h.items[-1] if ordered else None
        gates = self.head.weights(inputs, self.category[last] if ordered else self.no_category)
        positions = self.memory(h, ages, gaps, quarters, quarter, instant, ordered, row, len(rows_of))
        rows_of_user = rows_of
        rows_of, columns, positions = self.everyone(rows_of, columns, positions, h, ordered)
        layout = self.layout
        scores = layout.category.sums(self.category_table(category, last, slot), gates)[self.category]
        scores = scores + layout.cell.sums(self.cell_table(cell, last), gates)[self.cell]
        here = unit_vectors(np.array(place)) if place is not None else \
            self.points[last] if last is not None and self.placed[last] else None
        dense = [self.popularity, self.popularity_ever, self.slot_items[slot],
                 self.distance(here), self.distance(centre)]
        for index, position in enumerate(dense):
            if position is not None:
                scores += layout.dense.column(index, position, gates)
        query = gates[layout.linear[0]] * self.vector(rows_of_user, np.sqrt(weights))
        query += gates[layout.linear[1]] * self.vector(*self.trajectory(h, gaps, ordered))
        scores += self.embeddings @ query.astype(F)
        scores[rows_of] += layout.sparse.sums(columns, gates) + layout.kernels.sums(positions, gates)
        return scores + self.head.bias

    def visits(self, h, ages, quarters, quarter, weekend, row, row_count):
        decay60, decay14 = np.exp(-ages / F(60)), np.exp(-ages / F(14))
        distance = quarters - quarter + 672
        medium, wide = self.medium[distance % 96], self.wide[distance % 96]
        alike = (quarters >= 5 * 96) == weekend
        values = [np.ones(len(h), F), np.exp(-ages / F(3)), decay14, decay60,
                  decay60 * self.narrow[distance % 96], decay60 * medium, decay60 * wide,
                  decay14 * medium, decay60 * self.week[distance % 672],
                  np.where(alike, decay60 * medium, F(0))]
        columns = np.zeros((row_count, len(SPARSE)), F)
        for index, value in enumerate(values):
            columns[:, index] = np.bincount(row, value, row_count)
        category, cell = self.category[h.items], self.cell[h.items]
        by_category = [np.bincount(category, value, self.no_category + 1).astype(F)
                       for value in (decay60, decay60 * medium)]
        by_cell = [np.bincount(cell, value, self.no_cell + 1).astype(F)
                   for value in (decay60, decay60 * medium)]
        sums = (self.points4[h.items] * (decay60 * wide)[:, None]).sum(0)
        centre = sums[:3] / sums[3] if sums[3] > 1e-6 else None
        return columns, by_category, by_cell, columns[:, 3].copy(), centre

    def own_steps(self, columns, h, ages, gaps, quarters, instant, row):
        if len(h) < 2:
            return
        last, previous = h.items[-1], h.items[-2]
        weight = np.exp(-ages[1:] / F(60)) * np.where(gaps <= DAY, F(1), F(0.3))
        hours = np.log2((np.maximum(0, gaps) / 3_600).astype(F) + F(0.25))
        now = np.log2(F(max(0, (instant - h.instants[-1]) / 1_000) / 3_600) + F(0.25))
        alike = weight * np.exp(-(hours - now) ** 2)
        weekend = quarters >= 5 * 96
        near = self.around[(quarters[:-1] - quarters[-1] + 672) % 96] * \
            np.where(weekend[:-1] == weekend[-1], F(1), F(0.3))
        same = h.items[:-1] == last
        pair = same & np.concatenate([[False], h.items[:-2] == previous])
        category = self.category[last]
        kind = (self.category[h.items[:-1]] == category) & (category < self.no_category)
        for index, value in ((12, weight * same), (13, alike * same), (14, weight * kind),
                             (15, alike * kind), (16, weight * near), (17, weight * pair)):
            columns[:, index] = np.bincount(row[1:], value, len(columns))

    @staticmethod
    def recency(columns, h, instant, rows_of):
        # The last event of each item, the latest item first.
        items, at = np.unique(h.items[::-1], return_index=True)
        hours = np.maximum(0, (instant - h.instants[::-1][at]) / 1_000 / 3_600).astype(F)
        columns[:, 10] = F(1.5) + fast_log2(1 + hours)
        rank = np.empty(len(items), F)
        rank[np.argsort(at)] = np.arange(len(items))
        columns[:, 11] = np.where(rank < 8, 8 - rank, 0)

    def memory(self, h, ages, gaps, quarters, quarter, instant, ordered, row, row_count):
        n, last = len(h), len(h) - 1
        action = np.where((h.actions < 0) | (h.actions > 7), 7, h.actions)
        buckets = np.zeros((n, len(BUCKETS)), np.int64)
        buckets[:, 12] = action
        if ordered:
            items, current = h.items, h.items[-1]
            hours = (gaps / 3_600).astype(F)
            near = hours <= 24
            buckets[:, 0] = np.searchsorted(AGE, ages)
            buckets[:, 1] = ((quarters - quarter + 674) % 96) // 4
            weekend = quarters >= 5 * 96
            buckets[:, 2] = np.where(quarters // 96 == quarter // 96, 0,
                                     np.where(weekend == (quarter >= 5 * 96), 1, 2))
            begins = np.concatenate([[True], ~near])
            ends = np.concatenate([~near, [True]])
            buckets[:, 3] = 2 * ends + begins
            buckets[last, 3] = 4
            start = n - 1 - (np.argmin(near[::-1]) if not near.all() else n - 1)
            inside = np.isin(items, items[start:])
            buckets[:, 4] = np.where(items == current, 0, np.where(inside, 1, 2))
            chord = self.points[current] - self.points[items]
            meters = np.sqrt((chord * chord).sum(1)) * F(EARTH_METERS)
            known = self.placed[current] & self.placed[items]
            buckets[:, 5] = np.where(known, np.searchsorted(DISTANCE, meters), 7)
            kind, no = self.category, self.no_category
            alike = (kind[items] == kind[current]) & (kind[current] < no)
            buckets[:, 6] = alike
            # What each event followed.
            source = np.concatenate([[0], items[:-1]])
            is_near = np.concatenate([[False], near])
            same = source == current
            category = np.concatenate([[False], alike[:-1]])
            cell = self.cell[source] == self.cell[current]
            buckets[:, 7] = np.where(same, np.where(is_near, 4, 3), np.where(
                category, np.where(is_near, 6, 2), np.where(
                    cell, np.where(is_near, 7, 2), np.where(is_near, 5, 1))))
            apart = (np.concatenate([[0], quarters[:-1]]) - quarters[last] + 672) % 96
            apart = np.minimum(apart, 96 - apart).astype(F)
            buckets[:, 8] = np.where(is_near, np.searchsorted(SOURCE_CLOCK, apart), 5)
            gap = np.concatenate([[F(0)], hours])
            buckets[:, 9] = np.searchsorted(GAP, gap)
            since = F(max(0, (instant - h.instants[-1]) / 1_000) / 3_600)
            likeness = np.abs(np.log2(gap + F(0.25)) - np.log2(since + F(0.25)))
            buckets[:, 10] = np.searchsorted(GAP_LIKENESS, likeness)
            if n > 2:
                buckets[2:, 11] = items[:-2] == items[-2]
            buckets[0, 7:12] = 0, 5, 7, 6, 0
        logits = self.head.kernels[buckets + OFFSETS[:-1]].sum(1)
        weights = np.exp(np.clip(logits, -60, 20))
        sums = np.stack([np.bincount(row, weights[:, k], row_count) for k in range(8)], 1)
        return log_count(sums.astype(F))

    def everyone(self, rows_of, columns, positions, h, ordered):
        if not ordered:
            return rows_of, columns, positions
        found = [(19 if k == 1 else 20 if k == 2 else 18, *self.item_links.row(item),
                  self.item_links.totals[item] + 5)
                 for k, item in enumerate(h.items[::-1][:3])]
        new = np.setdiff1d(np.concatenate([targets for _, targets, _, _ in found]), rows_of)
        all_rows = np.concatenate([rows_of, new])
        columns = np.concatenate([columns, np.zeros((len(new), columns.shape[1]), F)])
        positions = np.concatenate([positions, np.zeros((len(new), 8), F)])
        row = np.empty(self.item_count, np.int64)
        row[all_rows] = np.arange(len(all_rows))
        for index, targets, weights, total in found:
            columns[row[targets], index] = fast_log2(1 + weights / total * F(200))
        return all_rows, columns, positions

    def category_table(self, sums, last, slot):
        table = np.full((self.no_category + 1, 4), F(-1))
        table[:-1, 0], table[:-1, 1] = log_count(sums[0][:-1]), log_count(sums[1][:-1])
        if last is not None and self.category[last] < self.no_category:
            source = self.category[last]
            targets, weights = self.category_links.row(source)
            counts = np.zeros(self.no_category + 1, F)
            counts[targets] = weights
            share = (self.category_count + 1) / (self.event_count + 1)
            table[:-1, 2] = lift(counts, self.category_links.totals[source], share, F(20))[:-1]
        table[:-1, 3] = self.slot_categories[slot][:-1]
        return table

    def cell_table(self, sums, last):
        table = np.full((self.no_cell + 1, 4), F(-1))
        table[:-1, 0], table[:-1, 1] = log_count(sums[0][:-1]), log_count(sums[1][:-1])
        table[:-1, 2] = self.cell_popularity[:-1]
        if last is not None and self.cell[last] < self.no_cell:
            source = self.cell[last]
            targets, weights = self.cell_links.row(source)
            inside = targets < self.no_cell
            total = self.cell_links.totals[source] + 10
            table[targets[inside], 3] = fast_log2(1 + weights[inside] / total * F(500))
        return table

    def distance(self, point):
        if point is None:
            return None
        step = self.points - point
        squared = (step * step).sum(1)
        position = F(0.5) * fast_log2(1 + squared * F((EARTH_METERS / 50) ** 2))
        return np.where(self.placed, position, F(-1))

    def vector(self, items, weights):
        norm = float((weights * weights).sum())
        if norm == 0:
            return np.zeros(self.embeddings.shape[1], F)
        return (weights * self.gather[items]) @ self.embeddings[items] / np.sqrt(F(norm))

    @staticmethod
    def trajectory(h, gaps, ordered):
        if not ordered:
            return np.zeros(0, np.int64), np.zeros(0, F)
        count = 1
        while count < min(10, len(h)) and gaps[-count] <= DAY:
            count += 1
        return h.items[::-1][:count], np.power(F(0.7), np.arange(count, dtype=F))

    def gate_inputs(self, h, quarter, weekend, instant, gaps, ordered):
        inputs = np.zeros(GATE_INPUTS, F)
        angle = quarter % 96 / 96 * 2 * np.pi
        inputs[:5] = np.sin(angle), np.cos(angle), np.sin(2 * angle), np.cos(2 * angle), weekend

        def hours_log(seconds):
            return np.log2(1 + max(0, seconds) / 3_600) / 4

        inputs[5] = hours_log((instant - h.instants[-1]) / 1_000)
        inputs[6] = np.log2(1 + len(h)) / 8
        if not ordered:
            return inputs
        inputs[7] = np.log2(1 + (h.instants[-1] - h.instants[0]) / 1_000 / DAY) / 8
        far = np.flatnonzero(gaps[::-1] > DAY)
        inputs[8] = np.log2(1 + min(100, far[0] if len(far) else len(gaps))) / 3
        if len(h) >= 2:
            inputs[9] = hours_log(gaps[-1])
        _, first, counts = np.unique(h.items, return_index=True, return_counts=True)
        recent = min(20, len(h))
        returns = recent - np.count_nonzero(first >= len(h) - recent)
        most = counts.max()
        last = np.count_nonzero(h.items == h.items[-1])
        inputs[10:] = (np.log2(1 + len(counts)) / 8, returns / recent, np.log2(1 + last) / 6,
                       most / len(h), last == most)
        return inputs

    def top(self, scores, k):
        """The k best items, ties by index."""
        best = np.argpartition(-scores, k)[:k + 1] if k < len(scores) else np.arange(len(scores))
        return best[np.lexsort((best, -scores[best]))][:k]
