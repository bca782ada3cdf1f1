#include "CS2.h"

#include <s2/s2cell.h>
#include <s2/s2cell_id.h>
#include <s2/s2earth.h>
#include <s2/s2latlng.h>

extern "C" uint64_t cs2_cell_id(double latitude_degrees, double longitude_degrees, int level) {
    return S2CellId(S2LatLng::FromDegrees(latitude_degrees, longitude_degrees)).parent(level).id();
}

extern "C" uint64_t cs2_cell_parent(uint64_t cell_id, int level) {
    return S2CellId(cell_id).parent(level).id();
}

extern "C" double cs2_distance_meters(double latitude_a, double longitude_a, double latitude_b,
                                      double longitude_b) {
    return S2Earth::GetDistanceMeters(S2LatLng::FromDegrees(latitude_a, longitude_a),
                                      S2LatLng::FromDegrees(latitude_b, longitude_b));
}

extern "C" struct cs2_degrees cs2_cell_center(uint64_t cell_id) {
    S2LatLng center = S2CellId(cell_id).ToLatLng();
    return {center.lat().degrees(), center.lng().degrees()};
}

extern "C" struct cs2_degrees cs2_cell_corner(uint64_t cell_id, int index) {
    S2LatLng corner(S2Cell(S2CellId(cell_id)).GetVertex(index));
    return {corner.lat().degrees(), corner.lng().degrees()};
}
