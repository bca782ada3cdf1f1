/// Every family that a run can be started for: what holds of one must hold of all.
package let modelFamilies = ["chronotope", "spectral", "lightgcn", "gcn"]
