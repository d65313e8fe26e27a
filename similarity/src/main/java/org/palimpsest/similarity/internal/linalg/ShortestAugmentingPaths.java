package org.palimpsest.similarity.internal.linalg;

import java.util.Arrays;

/**
 * The method of Jonker and Volgenant for no more rows than columns.
 *
 * <p>Each column has a price, never above zero and zero while nobody holds it. Rows first bid for
 * their cheapest column, raising its price to what makes their second choice as good; whoever loses
 * a column bids again in the next round. The rows left over then find shortest paths to a free
 * column.
 */
final class ShortestAugmentingPaths {

  /** Beyond that bids cost as much as the paths that they save. */
  private static final int BIDDING_ROUNDS = 64;

  private final int rows;
  private final int columns;
  private final double[] costs;
  private final double[] price;
  private final int[] columnOfRow;
  private final int[] rowOfColumn;

  private final double[] distance;
  private final int[] previousRow;
  private final int[] open;

  ShortestAugmentingPaths(int rows, int columns, double[] costs) {
    this.rows = rows;
    this.columns = columns;
    this.costs = costs;
    this.price = new double[columns];
    this.columnOfRow = filled(rows, LinearAssignment.NONE);
    this.rowOfColumn = filled(columns, LinearAssignment.NONE);
    this.distance = new double[columns];
    this.previousRow = new int[columns];
    this.open = new int[columns];
  }

  private static int[] filled(int length, int value) {
    int[] array = new int[length];
    Arrays.fill(array, value);
    return array;
  }

  void solve() {
    int round = 0;
    while (columns > 1 && round < BIDDING_ROUNDS && bidsSucceed()) {
      round++;
    }
    for (int row = 0; row < rows; row++) {
      if (columnOfRow[row] == LinearAssignment.NONE) {
        augment(row);
      }
    }
  }

  int[] columnOfRow() {
    return columnOfRow;
  }

  int[] rowOfColumn() {
    return rowOfColumn;
  }

  /** Lets every row without a column bid once; gives whether any of them got one. */
  private boolean bidsSucceed() {
    boolean succeed = false;
    for (int row = 0; row < rows; row++) {
      if (columnOfRow[row] == LinearAssignment.NONE) {
        succeed |= bid(row);
      }
    }
    return succeed;
  }

  /** Gives whether the row got a column, perhaps from another row. */
  private boolean bid(int row) {
    int start = row * columns;
    double best = Double.POSITIVE_INFINITY;
    double second = Double.POSITIVE_INFINITY;
    int bestColumn = 0;
    for (int j = 0; j < columns; j++) {
      double reduced = costs[start + j] - price[j];
      if (reduced < second) {
        if (reduced < best) {
          second = best;
          best = reduced;
          bestColumn = j;
        } else {
          second = reduced;
        }
      }
    }
    int loser = rowOfColumn[bestColumn];
    if (loser != LinearAssignment.NONE) {
      if (best == second) {
        return false;
      }
      columnOfRow[loser] = LinearAssignment.NONE;
    }
    price[bestColumn] -= second - best;
    assign(row, bestColumn);
    return true;
  }

  private void assign(int row, int column) {
    columnOfRow[row] = column;
    rowOfColumn[column] = row;
  }

  /** Dijkstra from a free row over reduced costs; then prices follow and the path is flipped. */
  private void augment(int freeRow) {
    Arrays.fill(distance, Double.POSITIVE_INFINITY);
    for (int j = 0; j < columns; j++) {
      open[j] = j;
    }
    int openCount = columns;
    int row = freeRow;
    double reached = 0;
    int sink = LinearAssignment.NONE;
    while (sink == LinearAssignment.NONE) {
      int nearest = relax(row, reached - heldReducedCost(row), openCount);
      int column = open[nearest];
      reached = distance[column];
      openCount--;
      open[nearest] = open[openCount];
      open[openCount] = column;
      if (rowOfColumn[column] == LinearAssignment.NONE) {
        sink = column;
      } else {
        row = rowOfColumn[column];
      }
    }
    for (int k = openCount; k < columns; k++) {
      price[open[k]] += distance[open[k]] - reached;
    }
    flip(freeRow, sink);
  }

  /** Cost less price of the column that a row holds: nothing is cheaper for that row. */
  private double heldReducedCost(int row) {
    int held = columnOfRow[row];
    return held == LinearAssignment.NONE ? 0 : costs[row * columns + held] - price[held];
  }

  /** Shortens distances by way of a row; gives the place of the nearest open column. */
  private int relax(int row, double offset, int openCount) {
    int start = row * columns;
    double least = Double.POSITIVE_INFINITY;
    int nearest = LinearAssignment.NONE;
    for (int k = 0; k < openCount; k++) {
      int j = open[k];
      double through = offset + costs[start + j] - price[j];
      double known = distance[j];
      if (through < known) {
        distance[j] = through;
        previousRow[j] = row;
        known = through;
      }
      if (known < least || (known == least && rowOfColumn[j] == LinearAssignment.NONE)) {
        least = known;
        nearest = k;
      }
    }
    return nearest;
  }

  private void flip(int freeRow, int sink) {
    int column = sink;
    int row;
    do {
      row = previousRow[column];
      int next = columnOfRow[row];
      assign(row, column);
      column = next;
    } while (row != freeRow);
  }
}
