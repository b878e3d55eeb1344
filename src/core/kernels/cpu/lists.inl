// 0, 1, ..., kMicroRows - 1 as a list of template arguments, without std: see isa.h.
template <int... I>
struct IntList {};
template <int N, int... I>
struct MakeIntList {
  using Type = typename MakeIntList<N - 1, N - 1, I...>::Type;
};
template <int... I>
struct MakeIntList<0, I...> {
  using Type = IntList<I...>;
};
using RowList = MakeIntList<kMicroRows>::Type;
