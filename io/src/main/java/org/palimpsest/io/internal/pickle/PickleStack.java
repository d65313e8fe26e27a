package org.palimpsest.io.internal.pickle;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;

/** The stack, its marks, and the memo of a pickle machine. */
final class PickleStack {

  private static final int MAX_MEMO = 1_000_000;

  private final List<Object> values = new ArrayList<>();
  private final Deque<Integer> marks = new ArrayDeque<>();
  private final List<@Nullable Object> memo = new ArrayList<>();
  private final String source;

  PickleStack(String source) {
    this.source = source;
  }

  void push(Object value) {
    values.add(value);
  }

  Object pop() {
    if (values.size() <= floor()) {
      throw damaged();
    }
    return values.remove(values.size() - 1);
  }

  <T> T pop(Class<T> type) {
    Object value = pop();
    if (!type.isInstance(value)) {
      throw damaged();
    }
    return type.cast(value);
  }

  Object top() {
    if (values.size() <= floor()) {
      throw damaged();
    }
    return values.get(values.size() - 1);
  }

  private int floor() {
    return marks.isEmpty() ? 0 : marks.peek();
  }

  void mark() {
    marks.push(values.size());
  }

  boolean dropMarkIfEmpty() {
    if (!marks.isEmpty() && marks.peek() == values.size()) {
      marks.pop();
      return true;
    }
    return false;
  }

  /** Takes everything above the last mark, and the mark. */
  List<Object> popToMark() {
    if (marks.isEmpty()) {
      throw damaged();
    }
    List<Object> above = values.subList(marks.pop(), values.size());
    List<Object> taken = new ArrayList<>(above);
    above.clear();
    return taken;
  }

  List<Object> pop(int count) {
    if (values.size() - count < floor()) {
      throw damaged();
    }
    List<Object> top = values.subList(values.size() - count, values.size());
    List<Object> taken = new ArrayList<>(top);
    top.clear();
    return taken;
  }

  void remember(long index) {
    if (index < 0 || index >= MAX_MEMO) {
      throw damaged();
    }
    while (memo.size() <= index) {
      memo.add(null);
    }
    memo.set((int) index, top());
  }

  void rememberNext() {
    remember(memo.size());
  }

  void recall(long index) {
    Object value = index >= 0 && index < memo.size() ? memo.get((int) index) : null;
    if (value == null) {
      throw damaged();
    }
    push(value);
  }

  PalimpsestException damaged() {
    return new PalimpsestException(
        source + " holds a damaged pickle. Save it again, or copy it again if it was copied.");
  }
}
