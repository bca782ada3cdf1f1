#ifndef CS2_H
#define CS2_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The id of the S2 cell at `level` (0...30) that holds the point; degrees, already checked.
uint64_t cs2_cell_id(double latitude_degrees, double longitude_degrees, int level);
/// The id of the ancestor of `cell_id` at `level`, which is not above the cell's own level.
uint64_t cs2_cell_parent(uint64_t cell_id, int level);
/// The great-circle distance between two points, in metres on a sphere of the Earth's mean radius.
double cs2_distance_meters(double latitude_a, double longitude_a, double latitude_b,
                           double longitude_b);
/// A point on the Earth.
struct cs2_degrees {
    double latitude;
    double longitude;
};
/// The centre of a cell.
struct cs2_degrees cs2_cell_center(uint64_t cell_id);
/// Corner `index` (0...3) of a cell, counterclockwise.
struct cs2_degrees cs2_cell_corner(uint64_t cell_id, int index);

#ifdef __cplusplus
}
#endif

#endif
